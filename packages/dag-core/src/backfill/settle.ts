import { backfillRunId } from "../rules/run-id.ts";
import type { PlannedRun } from "../store/backfill-run.ts";
import type { Interval } from "../timetable/data-interval.ts";
import { runOf } from "../timetable/timetable.ts";
import type { BackfillEntry } from "./plan.ts";

/**
 * The entries of a plan in their order, each with the ordinal of the run that covers it; computed as they are taken.
 *
 * @param stored how many of them are left out, up to the end of a run
 */
export function* inOrder(entries: readonly BackfillEntry[], stored = 0): Generator<PlannedRun> {
  let runOrdinal = 0;
  let last: BackfillEntry | undefined;
  for (let ordinal = stored + 1; ordinal <= entries.length; ordinal++) {
    const entry = entries[ordinal - 1];
    if (entry === undefined) return;
    const isOfLast = last?.action === entry.action && last.runId === entry.runId;
    if (!isOfLast) runOrdinal = ordinal;
    yield { ...entry, ordinal, runOrdinal };
    last = entry;
  }
}

/** A run to do again costs as much as this many to create. */
const clearWeight = 10;
const weightOf = ({ action }: Pick<PlannedRun, "action">) => (action === "clear" ? clearWeight : 1);

/** Parts of a plan that one transaction stores, none of which ends within a run; made as they are taken. */
export function* slices(planned: Iterable<PlannedRun>, weight: number): Generator<PlannedRun[]> {
  let part: PlannedRun[] = [];
  let left = weight;
  for (const run of planned) {
    if (left <= 0 && run.runOrdinal === run.ordinal) {
      yield part;
      part = [];
      left = weight;
    }
    part.push(run);
    left -= weightOf(run);
  }
  if (part.length > 0) yield part;
}

export interface NowCovered extends Interval {
  readonly runId: string;
}

export interface SettleFacts {
  /** What runs cover now, in order of time. */
  readonly covered: readonly NowCovered[];
  /** Runs that have ended. */
  readonly ended: ReadonlySet<string>;
}

/**
 * What is left to do of some entries when they are stored: an interval that another run covers since the plan was
 * made is left to it, and so is a run that is not over any more. Other intervals of a batch that is torn by this get
 * runs of their own.
 */
export function settle(planned: readonly PlannedRun[], facts: SettleFacts): readonly PlannedRun[] {
  const torn = new Set<number>();
  const settled = planned.map((run) => {
    const reason = whyNot(run, facts);
    if (reason === undefined) return run;
    torn.add(run.runOrdinal);
    return { ...run, action: "skip" as const, reason };
  });
  if (torn.size === 0) return settled;
  return settled.map((run) => {
    if (run.action !== "create" || !torn.has(run.runOrdinal)) return run;
    return { ...run, runOrdinal: run.ordinal, runId: backfillRunId(runOf(run.interval)) };
  });
}

function whyNot(run: PlannedRun, { covered, ended }: SettleFacts): string | undefined {
  if (run.action === "clear") {
    const isOver = run.dagRunId !== undefined && ended.has(run.dagRunId);
    return isOver ? undefined : `run ${run.runId} was started again after the plan was made`;
  }
  if (run.action === "skip") return undefined;
  const other = coveredBy(covered, run.interval);
  return other && `run ${other.runId} covers it since the plan was made`;
}

/** The run that shares time with an interval: the last that begins before its end. */
function coveredBy(covered: readonly NowCovered[], interval: Interval): NowCovered | undefined {
  let low = 0;
  let high = covered.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const start = covered[middle]?.start;
    if (start && (start < interval.end || start <= interval.start)) low = middle + 1;
    else high = middle;
  }
  const last = covered[low - 1];
  const isOver = last && last.end <= interval.start && last.start < interval.start;
  return isOver ? undefined : last;
}
