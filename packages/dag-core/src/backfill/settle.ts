import { backfillRunId } from "../rules/run-id.ts";
import type { PlannedRun } from "../store/backfill-run.ts";
import type { Interval } from "../timetable/data-interval.ts";
import { runOf } from "../timetable/timetable.ts";
import type { BackfillEntry } from "./plan.ts";

/** The entries of a plan in their order, each with the ordinal of the run that covers it. */
export function inOrder(entries: readonly BackfillEntry[]): readonly PlannedRun[] {
  let runOrdinal = 0;
  return entries.map((entry, index) => {
    const last = entries[index - 1];
    const isOfLast = last?.action === entry.action && last.runId === entry.runId;
    if (!isOfLast) runOrdinal = index + 1;
    return { ...entry, ordinal: index + 1, runOrdinal };
  });
}

/** A run to do again costs as much as this many to create. */
const clearWeight = 10;
const weightOf = ({ action }: PlannedRun) => (action === "clear" ? clearWeight : 1);

/** Parts of a plan that one transaction stores, none of which ends within a run. */
export function slices(planned: readonly PlannedRun[], weight: number): readonly PlannedRun[][] {
  const parts: PlannedRun[][] = [];
  let left = 0;
  for (const run of planned) {
    const isNewRun = run.runOrdinal === run.ordinal;
    if (left <= 0 && isNewRun) {
      parts.push([]);
      left = weight;
    }
    parts.at(-1)?.push(run);
    left -= weightOf(run);
  }
  return parts;
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
