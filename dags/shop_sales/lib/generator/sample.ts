import { addDays, daysBetween, daysFrom } from "../days.ts";

export const scaleNames = ["demo", "load"] as const;
export type ScaleName = (typeof scaleNames)[number];

/** Rows of a file, and how many different ones there are among them. */
export interface Volume {
  readonly rows: number;
  readonly distinct: number;
}

export interface Scale {
  readonly customers: number;
  readonly history: { readonly orders: Volume; readonly activity: Volume };
  /** Of one increment. */
  readonly increment: { readonly orders: Volume; readonly activity: Volume };
}

export const scales: Readonly<Record<ScaleName, Scale>> = {
  demo: {
    customers: 1_800,
    history: {
      orders: { rows: 24_000, distinct: 4_000 },
      activity: { rows: 20_000, distinct: 4_000 },
    },
    increment: {
      orders: { rows: 1_000, distinct: 250 },
      activity: { rows: 1_000, distinct: 250 },
    },
  },
  load: {
    customers: 400_000,
    history: {
      orders: { rows: 6_000_000, distinct: 1_000_000 },
      activity: { rows: 3_000_000, distinct: 600_000 },
    },
    increment: {
      orders: { rows: 300_000, distinct: 50_000 },
      activity: { rows: 150_000, distinct: 30_000 },
    },
  },
};

/** What a sample depends on: the same four give the same bytes. */
export interface Sample {
  readonly seed: number;
  readonly scale: ScaleName;
  /** The day after the last increment of the first pass, `YYYY-MM-DD`. */
  readonly today: string;
  /** 1 for the first; each further one has the increments of seven more days. */
  readonly pass: number;
}

/** The day on which the sample data end; a constant, so that they are the same every time. */
export const sampleToday = "2024-10-15";
export const demoSample: Sample = { seed: 42, scale: "demo", today: sampleToday, pass: 1 };

const historyDays = 23;
const incrementDays = 7;
/** The shop began to take goods back after so many increments. */
export const incrementsWithoutStatus = 4;

/** The days of the base report. */
export const daysOfHistory = ({ today }: Sample): string[] =>
  daysFrom(addDays(today, -incrementDays - historyDays), historyDays);

/** The days that have an increment, of all passes so far. */
export const daysOfIncrements = ({ today, pass }: Sample): string[] =>
  daysFrom(addDays(today, -incrementDays), incrementDays * pass);

/** How many increments came before that of a day. */
export const incrementIndex = ({ today }: Sample, day: string): number =>
  daysBetween(addDays(today, -incrementDays), day);

/** A text that tells one part of a sample from all others. The pass comes in by the day: each belongs to one. */
export const seedOf = (sample: Sample, ...part: readonly (string | number)[]): string =>
  [sample.seed, sample.scale, sample.today, ...part].join("/");

/** The pass that an increment belongs to. */
export const passOf = (sample: Sample, day: string): number =>
  Math.floor(incrementIndex(sample, day) / incrementDays) + 1;
