import { createHash } from "node:crypto";
import type { DagRunState } from "../definition/states.ts";
import { tidemillError } from "../kernel/errors.ts";
import { backfillRunId, batchRunId } from "../rules/run-id.ts";
import { holds, type Interval, isInstant, subtract } from "../timetable/data-interval.ts";
import { parseDate, parseDateInclusive } from "../timetable/parse-date.ts";
import { runOf, type RunTime, type Timetable } from "../timetable/timetable.ts";

/** An interval that a run covers. */
export interface CoveredInterval extends Interval {
  readonly runId: string;
  readonly dagRunId: string;
  readonly state: DagRunState;
}

/** Which runs that have ended are done again. */
export type Reprocess = "none" | "failed" | "completed";

export interface PlanBackfillOptions {
  readonly dagId: string;
  readonly timetable: Timetable;
  /** The DAG's zone, in which dates without offset are read. */
  readonly zone: string;
  /** First logical date. */
  readonly from: string | Date;
  /** Last logical date, included; a date without time of day means all of that day. */
  readonly to: string | Date;
  readonly now: Date;
  /** What runs cover in or across the range; those of cancelled runs cover nothing. */
  readonly covered: readonly CoveredInterval[];
  readonly reprocess: Reprocess;
  /** Newest first. Defaults to false. */
  readonly runBackwards?: boolean;
  /** Most contiguous intervals that one new run covers. Defaults to 1. */
  readonly batch?: number;
  /** Most entries of a plan. Defaults to 1,000,000. */
  readonly maxEntries?: number;
}

export interface BackfillEntry extends RunTime {
  /** `clear` does an existing run again, `skip` leaves the interval as it is. */
  readonly action: "create" | "clear" | "skip";
  readonly reason: string;
  /** Id of the run to create, or of the one that covers the interval. Intervals of one batch have one run. */
  readonly runId: string;
  /** The run that covers the interval. */
  readonly dagRunId?: string;
}

export interface BackfillPlan {
  /** In the order in which runs start. */
  readonly entries: readonly BackfillEntry[];
  readonly counts: Readonly<Record<BackfillEntry["action"], number>>;
  /** Runs that are created or done again: fewer than intervals where runs cover several. */
  readonly runs: number;
  /** SHA-256 of what is created and cleared, whatever the order. */
  readonly hash: string;
  /** First interval of the range that is not over yet; it and what follows are left out. */
  readonly firstUnfinished: Interval | undefined;
}

const defaultMaxEntries = 1_000_000;

/**
 * What a backfill would do, interval by interval, and a hash of it. Pure: two plans of one state are equal.
 *
 * The range is bounded by logical date, both bounds included, whatever the DAG's own start and end dates are; only
 * intervals that are over are planned. What another schedule's runs cover in part is clipped to the rest.
 *
 * @throws TidemillError `TIDEMILL_BACKFILL_REFUSED` for a DAG without intervals, a range that is backward, wholly in
 *   the future or too long, `TIDEMILL_DATE_INVALID` for a bound that is no date.
 * @example planBackfill({ dagId, timetable, zone, from: "2026-01-01", to: "2026-01-31", now, covered, reprocess: "failed" })
 */
export function planBackfill(options: PlanBackfillOptions): BackfillPlan {
  const range = rangeOrThrow(options);
  const found: BackfillEntry[] = [];
  let firstUnfinished: Interval | undefined;
  const planner = plannerOf(options, range.from);

  for (const interval of intervalsOf(options, range)) {
    if (interval.end >= options.now) {
      firstUnfinished = interval;
      break;
    }
    found.push(...planner(interval));
    checkLengthOrThrow(options, found.length);
  }
  const entries = inBatches(found, options.batch ?? 1);
  const totals = totalsOf(entries);
  if (options.runBackwards === true) entries.reverse();
  return { entries, ...totals, firstUnfinished };
}

function totalsOf(
  entries: readonly BackfillEntry[],
): Pick<BackfillPlan, "counts" | "runs" | "hash"> {
  const counts = { create: 0, clear: 0, skip: 0 };
  const hash = createHash("sha256");
  let runs = 0;
  let lastRunId = "";
  for (const entry of entries) {
    counts[entry.action] += 1;
    if (entry.action === "skip") continue;
    hash.update(hashLine(entry));
    if (entry.runId !== lastRunId) runs += 1;
    lastRunId = entry.runId;
  }
  return { counts, runs, hash: hash.digest("hex") };
}

/** Gives neighbours that are to be created one run id, as many at a time as a batch may have. */
function inBatches(entries: readonly BackfillEntry[], batch: number): BackfillEntry[] {
  if (batch === 1) return [...entries];
  const batches: BackfillEntry[][] = [];
  for (const entry of entries) {
    const open = batches.at(-1);
    const last = open?.at(-1);
    if (open && last && open.length < batch && isFollowedBy(last, entry)) open.push(entry);
    else batches.push([entry]);
  }
  return batches.flatMap(asOneRun);
}

function isFollowedBy(a: BackfillEntry, b: BackfillEntry): boolean {
  const areNew = a.action === "create" && b.action === "create";
  return (
    areNew && !isInstant(b.interval) && a.interval.end.getTime() === b.interval.start.getTime()
  );
}

function asOneRun(batch: readonly BackfillEntry[]): readonly BackfillEntry[] {
  const last = batch.at(-1);
  if (!last || batch.length === 1) return batch;
  const runId = batchRunId(last, batch.length);
  return batch.map((entry) => ({ ...entry, runId }));
}

/** The intervals whose logical date is in the range; first what an edited schedule left of one before its first tick. */
function* intervalsOf(
  { timetable, covered }: PlanBackfillOptions,
  { from, to }: { readonly from: Date; readonly to: Date },
): Generator<Interval> {
  const first = timetable.covering(from);
  if (first !== undefined && first.start < from) {
    const runs = covered.filter((run) => run.state !== "cancelled" && touches(run, first));
    const pieces = subtract(first, runs.sort(byStart));
    yield* pieces.filter((piece) => piece.start >= from && piece.start <= to);
  }
  for (const { interval } of timetable.between(from, to)) yield interval;
}

function hashLine({ action, interval, runId }: BackfillEntry): string {
  return `${action} ${interval.start.getTime()} ${interval.end.getTime()} ${runId}\n`;
}

function refuse({ dagId }: PlanBackfillOptions, problem: string, remedy: string): Error {
  return tidemillError("TIDEMILL_BACKFILL_REFUSED", { dagId, problem, remedy });
}

function checkLengthOrThrow(options: PlanBackfillOptions, length: number): void {
  const { maxEntries = defaultMaxEntries } = options;
  if (length <= maxEntries) return;
  throw refuse(options, `its range has more than ${maxEntries} intervals`, "plan a part of it");
}

function rangeOrThrow(options: PlanBackfillOptions): { readonly from: Date; readonly to: Date } {
  const { zone, timetable, now } = options;
  if (!timetable.isPeriodic) {
    throw refuse(
      options,
      "its schedule has no intervals",
      'use "tidemill trigger" for single runs',
    );
  }
  const from = typeof options.from === "string" ? parseDate(options.from, zone) : options.from;
  const to = typeof options.to === "string" ? parseDateInclusive(options.to, zone) : options.to;
  const said = `${from.toISOString()} to ${to.toISOString()}`;
  if (from > to) throw refuse(options, `its range ${said} is backward`, "exchange the dates");
  if (from >= now) throw refuse(options, `its range ${said} is in the future`, "choose past dates");
  return { from, to };
}

/** A function that takes the intervals of the range in order and yields their entries. */
function plannerOf({ covered, reprocess }: PlanBackfillOptions, from: Date) {
  const runs = covered.filter((run) => run.state !== "cancelled").sort(byStart);
  /** Runs before `head` end before the interval; those before `told` have their entry. */
  let head = 0;
  let told = 0;

  return (interval: Interval): BackfillEntry[] => {
    while (isBehind(runs[head], interval)) head += 1;
    const touching: CoveredInterval[] = [];
    const entries: BackfillEntry[] = [];
    for (let at = head; at < runs.length; at++) {
      const run = runs[at];
      if (run === undefined || run.start > interval.end) break;
      if (!touches(run, interval)) continue;
      touching.push(run);
      if (at >= told) entries.push(entryOf(run, from, reprocess));
      told = Math.max(told, at + 1);
    }
    if (touching.some((run) => run.start.getTime() === interval.start.getTime() && isInstant(run)))
      return entries;
    const rest = touching.length === 0 ? [interval] : subtract(interval, touching);
    return entries.length === 0
      ? rest.map(created)
      : [...entries, ...rest.map(created)].sort((a, b) => byStart(a.interval, b.interval));
  };
}

const byStart = (a: Interval, b: Interval) => a.start.getTime() - b.start.getTime();

function isBehind(run: Interval | undefined, { start }: Interval): boolean {
  return run !== undefined && run.end <= start && run.start < start;
}

/** Whether a run stands in the way: it shares time with the interval, or has its logical date. */
function touches(run: Interval, interval: Interval): boolean {
  if (isInstant(interval)) return holds(run, interval.start);
  if (isInstant(run)) return run.start.getTime() === interval.start.getTime();
  return run.start < interval.end && interval.start < run.end;
}

function created(interval: Interval): BackfillEntry {
  const run = runOf(interval);
  return { ...run, action: "create", reason: "no run covers it", runId: backfillRunId(run) };
}

function entryOf(run: CoveredInterval, from: Date, reprocess: Reprocess): BackfillEntry {
  const { runId, dagRunId, start, end } = run;
  const decision =
    run.start < from
      ? ({ action: "skip", reason: `run ${runId} of an earlier date covers it` } as const)
      : decideExisting(run, reprocess);
  return { ...runOf({ start, end }), ...decision, runId, dagRunId };
}

/** Airflow's table of what happens to an interval that has a run. */
function decideExisting(
  { runId, state }: CoveredInterval,
  reprocess: Reprocess,
): Pick<BackfillEntry, "action" | "reason"> {
  if (state === "queued" || state === "running") {
    return { action: "skip", reason: `in flight: run ${runId} is ${state}` };
  }
  const isWanted = reprocess === "completed" || (reprocess === "failed" && state === "failed");
  if (isWanted) return { action: "clear", reason: `run ${runId} ended as ${state}` };
  return { action: "skip", reason: `already exists: run ${runId} ended as ${state}` };
}
