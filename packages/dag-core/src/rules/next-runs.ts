import { type Interval, isInstant, subtract } from "../timetable/data-interval.ts";
import { type Restriction, runOf, type RunTime, type Timetable } from "../timetable/timetable.ts";

export interface NextRunsOptions {
  readonly timetable: Timetable;
  readonly restriction: Restriction;
  /** Until where automated runs cover time without a hole that still counts; undefined: nothing yet. */
  readonly coveredUntil: Date | undefined;
  /** Intervals after that which other runs cover already (manual runs of an interval, backfills), in order of time. */
  readonly covered?: readonly Interval[];
  readonly now: Date;
  /** Queued and running runs of the DAG, those of backfills left out. */
  readonly activeRuns: number;
  readonly maxActiveRuns: number;
  /** Most runs to create, and most missed intervals to list. */
  readonly limit: number;
  /** Missed intervals beyond this many are not counted, so that a tick stays short. Defaults to {@link missedCountLimit}. */
  readonly countLimit?: number;
}

export interface NextRuns {
  /** Runs to create now, oldest first. */
  readonly runs: readonly RunTime[];
  /** When to look again. Undefined: not before a run of the DAG ends (`isAtLimit`), or never. */
  readonly nextRunAfter: Date | undefined;
  /** Whether a run is due that only the limit of active runs holds back. */
  readonly isAtLimit: boolean;
  /** Intervals that `catchup` leaves out, oldest first, at most `limit` of them. */
  readonly missed: readonly Interval[];
  /** From the start of the first to the end of the last one left out. */
  readonly missedSpan: Interval | undefined;
  /** How many are left out; counted up to `countLimit`. */
  readonly missedCount: number;
  /** The position to store: all before it is created, covered or reported as missed. */
  readonly settledUntil: Date | undefined;
}

export const missedCountLimit = 10_000;
/** Most intervals looked at in one go; what other runs cover already is stepped over. */
const maxSteps = 100_000;

/** Where the search for runs stands. */
interface Walk {
  readonly options: NextRunsOptions;
  readonly runs: RunTime[];
  readonly missed: Interval[];
  missedCount: number;
  missedSpan: Interval | undefined;
  positionMs: number | undefined;
}

type Stop = Pick<NextRuns, "nextRunAfter" | "isAtLimit">;

/**
 * Which runs a DAG gets now, and when to look at it again.
 *
 * Runs are created up to the limit of active runs, so a long catchup goes on as its runs end. What `catchup` leaves
 * out is reported once: store `settledUntil` as the next `coveredUntil`.
 *
 * @example nextRuns({ timetable, restriction, coveredUntil, now, activeRuns: 0, maxActiveRuns: 16, limit: 10 })
 */
export function nextRuns(options: NextRunsOptions): NextRuns {
  const position = options.coveredUntil?.getTime();
  const walk: Walk = {
    options,
    runs: [],
    missed: [],
    missedCount: 0,
    missedSpan: undefined,
    positionMs: position,
  };
  for (let step = 0; step < maxSteps; step++) {
    const stop = advance(walk);
    if (stop !== undefined) return resultOf(walk, stop);
  }
  return resultOf(walk, { nextRunAfter: options.now, isAtLimit: false });
}

function resultOf({ runs, missed, missedCount, missedSpan, ...walk }: Walk, stop: Stop): NextRuns {
  const settledUntil = dateOf(walk.positionMs);
  return { runs, missed, missedCount, missedSpan, settledUntil, ...stop };
}

const dateOf = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms));

/** Takes the next interval: run, stepped over, or the reason to stop. */
function advance(walk: Walk): Stop | undefined {
  const { timetable, restriction, covered = [], now } = walk.options;
  const coveredUntil = dateOf(walk.positionMs);
  const candidate = timetable.next({ coveredUntil, restriction, now });
  if (timetable.isPeriodic) leaveOut(walk, candidate);
  if (candidate === undefined) return { nextRunAfter: undefined, isAtLimit: false };
  const [interval] = subtract(candidate.interval, covered);
  if (interval === undefined) {
    walk.positionMs = candidate.interval.end.getTime();
    return undefined;
  }
  if (interval.end > now) return { nextRunAfter: interval.end, isAtLimit: false };
  if (walk.runs.length >= freeSlots(walk.options)) {
    return { nextRunAfter: undefined, isAtLimit: true };
  }
  if (walk.runs.length >= walk.options.limit) {
    return { nextRunAfter: interval.end, isAtLimit: false };
  }
  walk.runs.push(runOf(interval));
  walk.positionMs = interval.end.getTime();
  return undefined;
}

function freeSlots({ timetable, maxActiveRuns, activeRuns }: NextRunsOptions): number {
  return Math.min(maxActiveRuns, timetable.activeRunsLimit ?? Infinity) - activeRuns;
}

/** Records what lies between the position and the next run, and moves the position behind it. */
function leaveOut(walk: Walk, candidate: RunTime | undefined): void {
  const { restriction, covered = [], countLimit = missedCountLimit } = walk.options;
  const end = candidate?.interval.start ?? (restriction.latest && after(restriction.latest));
  if (end === undefined || (walk.positionMs ?? -Infinity) >= end.getTime()) return;
  for (const interval of passedOver(walk, end)) {
    for (const rest of subtract(interval, covered)) record(walk, rest);
    if (walk.missedCount < countLimit) continue;
    extendSpan(walk, lastBefore(walk.options.timetable, end) ?? interval);
    return;
  }
}

/** The last interval (or tick) that starts before an instant. */
function lastBefore(timetable: Timetable, end: Date): Interval | undefined {
  const last = after(end, -1);
  return timetable.covering(last) ?? timetable.lastComplete(last);
}

const after = (date: Date, ms = 1): Date => new Date(date.getTime() + ms);

/** The intervals from the position (or the start date) that start before an instant. */
function* passedOver({ options, positionMs: position }: Walk, end: Date): Generator<Interval> {
  const { timetable, restriction } = options;
  const last = after(end, -1);
  let from = restriction.earliest;
  if (position !== undefined && position >= from.getTime()) {
    from = new Date(position);
    const partial = timetable.covering(from);
    if (partial && isInstant(partial)) from = after(from);
    else if (partial && partial.start < from) {
      yield { start: from, end: partial.end };
      from = partial.end;
    }
  }
  for (const { interval } of timetable.between(from, last)) yield interval;
}

function record(walk: Walk, interval: Interval): void {
  if (walk.missed.length < walk.options.limit) walk.missed.push(interval);
  walk.missedCount += 1;
  extendSpan(walk, interval);
}

function extendSpan(walk: Walk, { start, end }: Interval): void {
  walk.missedSpan = { start: walk.missedSpan?.start ?? start, end };
  walk.positionMs = end.getTime();
}
