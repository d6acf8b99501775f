import fc from "fast-check";
import {
  parseSchedule,
  type TimetableSource,
  timetableOf,
} from "../../packages/dag-core/src/timetable/parse-schedule.ts";
import type { ScheduleSpec } from "../../packages/dag-core/src/timetable/schedule-spec.ts";
import type { Timetable } from "../../packages/dag-core/src/timetable/timetable.ts";

/** Zones whose clocks do unlike things: half hours, a lost day, Ramadan, two hours, midnight, none at all. */
export const zones = [
  "UTC",
  "Europe/Berlin",
  "Europe/Dublin",
  "Africa/Casablanca",
  "America/New_York",
  "America/St_Johns",
  "America/Sao_Paulo",
  "America/Havana",
  "Antarctica/Troll",
  "Asia/Gaza",
  "Asia/Kathmandu",
  "Asia/Tehran",
  "Australia/Lord_Howe",
  "Pacific/Apia",
  "Pacific/Chatham",
] as const;

export const crons = [
  "0 0 * * *",
  "30 2 * * *",
  "0 2 * * *",
  "15 * * * *",
  "*/20 1-3 * * *",
  "0 */2 * * *",
  "0 0-23 * * *",
  "0 */7 * * *",
  "45 23 * * SUN",
  "0 0 1 * MON",
  "59 23 31 12 *",
  "*/7 0-2 * 3,4,10,11 *",
] as const;

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;

/** Twenty years in which each zone above changes its clock, and most of them change their law. */
export const windowStart = Date.UTC(2007, 0);
export const windowEnd = Date.UTC(2027, 0);

/** Any minute of twenty years. */
const anyMinute = fc.integer({ min: windowStart / minute, max: windowEnd / minute });
/** Hours of the months in which clocks change, where the trouble is. */
const nights = fc
  .tuple(
    fc.integer({ min: 2007, max: 2026 }),
    fc.constantFrom(1, 2, 3, 8, 9, 10, 11),
    fc.nat(31 * 24),
  )
  .map(([year, month, hours]) => (Date.UTC(year, month) + hours * hour) / minute);

/** An instant in ms within the twenty years. */
export const instants = fc.oneof(anyMinute, nights).map((at) => at * minute);

/** A schedule in a zone, built once: the same object comes again and again. */
export interface Scheduled {
  readonly source: Omit<TimetableSource, "catchup" | "endDate">;
  readonly timetable: Timetable;
}

const built = new Map<string, Scheduled>();

export function scheduled(schedule: ScheduleSpec, timezone: string): Scheduled {
  const key = JSON.stringify([schedule, timezone]);
  const known = built.get(key);
  if (known) return known;
  const source = { schedule, timezone, startDate: new Date(windowStart).toISOString() };
  const timetable = timetableOf(source);
  const made = { source, timetable, [fc.toStringMethod]: () => key };
  built.set(key, made);
  return made;
}

const parsed = new Map<string, ScheduleSpec>();

/** Parsed once: generating a case would cost more than trying it. */
function parsedSchedule(written: Parameters<typeof parseSchedule>[0]): ScheduleSpec {
  const key = JSON.stringify(written);
  const spec = parsed.get(key) ?? parseSchedule(written);
  parsed.set(key, spec);
  return spec;
}

/** Cron schedules about intervals or instants, under every policy and in every zone. */
export function cronSchedules(interval: "previous" | "none"): fc.Arbitrary<Scheduled> {
  return fc
    .record({
      timezone: fc.constantFrom(...zones),
      cron: fc.uniqueArray(fc.constantFrom(...crons), { minLength: 1, maxLength: 2 }),
      gap: fc.constantFrom("shift" as const, "skip" as const),
      overlap: fc.constantFrom("first" as const, "second" as const, "both" as const),
    })
    .map(({ timezone, ...cron }) => scheduled(parsedSchedule({ ...cron, interval }), timezone));
}

const distances = fc
  .constantFrom("15m" as const, "7h" as const, "36h" as const)
  .map((every) => scheduled(parsedSchedule({ every }), "UTC"));

/** Schedules whose runs are about intervals. */
export const intervalSchedules = fc.oneof(
  { arbitrary: cronSchedules("previous"), weight: 9 },
  { arbitrary: distances, weight: 1 },
);

/** The first items of what may be endless. */
export function take<T>(items: Iterable<T>, most: number): T[] {
  const taken: T[] = [];
  for (const item of items) {
    if (taken.length >= most) break;
    taken.push(item);
  }
  return taken;
}
