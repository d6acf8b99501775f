import type { Interval } from "./data-interval.ts";

export type { Interval } from "./data-interval.ts";

/** A run that a timetable asks for. */
export interface RunTime {
  /** What the run is about; an instant for a schedule with `interval: "none"`. Its start is the logical date. */
  readonly interval: Interval;
  /** Earliest moment at which the run may start: the end of its interval. */
  readonly runAfter: Date;
}

/** Bounds of what a DAG may run. Both dates are inclusive and bound the start of an interval. */
export interface Restriction {
  readonly earliest: Date;
  readonly latest?: Date;
  readonly catchup: "none" | "latest" | "all";
}

export interface NextRunArguments {
  /** End of the time that automated runs cover, or the last run's instant with `interval: "none"`; undefined: nothing yet. */
  readonly coveredUntil: Date | undefined;
  readonly restriction: Restriction;
  readonly now: Date;
}

/** When a DAG runs and what each run is about. Pure: no timetable reads a clock. */
export interface Timetable {
  /** Whether it has intervals of its own that a backfill can name. */
  readonly isPeriodic: boolean;
  /** Most runs at once that the schedule itself allows. Undefined: no limit. */
  readonly activeRunsLimit?: number;
  /** The run that follows what is covered; it may lie in the future. Undefined: there is none any more. */
  next(args: NextRunArguments): RunTime | undefined;
  /** The last interval that is over at an instant. */
  lastComplete(at: Date): Interval | undefined;
  /** All runs whose logical date lies in `[from, to]`, both inclusive, in order; computed as they are taken. */
  between(from: Date, to: Date): Iterable<RunTime>;
  /** The interval that contains an instant (or is that instant). */
  covering(at: Date): Interval | undefined;
}

/** The run of an interval: it may start when the interval is over. */
export function runOf(interval: Interval): RunTime {
  return { interval, runAfter: interval.end };
}
