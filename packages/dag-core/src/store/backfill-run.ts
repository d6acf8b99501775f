import type { JsonValue } from "../kernel/json.ts";
import type { Interval } from "../timetable/data-interval.ts";
import type { Queryable } from "./database.ts";
import { loadQueries } from "./sql.ts";

const q = loadQueries(
  "backfill",
  "BackfillRunIdsTaken",
  "BackfillRunNumbers",
  "BackfillRunStore",
  "BackfillRunAnalyze",
  "BackfillRunClear",
  "BackfillBatchSplit",
);

export interface PlannedRun {
  readonly ordinal: number;
  /** Ordinal of the first interval that its run covers. */
  readonly runOrdinal: number;
  readonly interval: Interval;
  readonly action: "create" | "clear" | "skip";
  readonly reason: string;
  readonly runId: string;
  readonly dagRunId?: string | undefined;
}

export interface BackfillRunStoreOptions {
  readonly backfillId: string;
  readonly dagId: string;
  readonly dagVersionId: string;
  readonly triggeredBy: string;
  readonly params: JsonValue;
  readonly planned: readonly PlannedRun[];
}

/** A run that is about to be created, with the intervals that it covers. */
interface NewRun {
  readonly number: string;
  readonly runId: string;
  readonly intervals: readonly PlannedRun[];
}

/** Under the lock of the dag row. */
export async function backfillRunStore(
  tx: Queryable,
  { planned, ...options }: BackfillRunStoreOptions,
): Promise<void> {
  const runs = await newRuns(tx, planned, options);
  const numbers = new Map(runs.map((run) => [run.intervals[0]?.runOrdinal, run.number]));
  const numberOf = (run: PlannedRun) =>
    run.action === "create" ? numbers.get(run.runOrdinal) : run.dagRunId;
  await tx.exec(q.BackfillRunStore, {
    backfill_id: options.backfillId,
    dag_id: options.dagId,
    dag_version_id: options.dagVersionId,
    triggered_by: options.triggeredBy,
    params: JSON.stringify(options.params),
    run_numbers: runs.map((run) => run.number),
    run_ids: runs.map((run) => run.runId),
    run_starts: runs.map((run) => boundsOf(run).at(0)),
    run_ends: runs.map((run) => boundsOf(run).at(-1)),
    run_ordinals: runs.map((run) => run.intervals[0]?.runOrdinal),
    run_bounds: runs.map(boundsText),
    ordinals: planned.map((run) => run.ordinal),
    starts: planned.map((run) => run.interval.start),
    ends: planned.map((run) => run.interval.end),
    actions: planned.map((run) => run.action),
    reasons: planned.map((run) => run.reason),
    dag_run_ids: planned.map((run) => numberOf(run) ?? null),
  });
}

/** After many runs at once, until the autovacuum has noticed them. */
export async function backfillRunAnalyze(tx: Queryable): Promise<void> {
  await tx.exec(q.BackfillRunAnalyze);
}

/** Gives runs their numbers. A run id that a cancelled run still has is told apart by the id of the backfill. */
async function newRuns(
  tx: Queryable,
  planned: readonly PlannedRun[],
  { dagId, backfillId }: Omit<BackfillRunStoreOptions, "planned">,
): Promise<readonly NewRun[]> {
  const created = planned.filter((run) => run.action === "create");
  const groups = [...Map.groupBy(created, (run) => run.runOrdinal).values()];
  if (groups.length === 0) return [];
  const wanted = { dag_id: dagId, run_ids: groups.map((group) => group[0]?.runId) };
  const rows = await tx.many<{ run_id: string }>(q.BackfillRunIdsTaken, wanted);
  const taken = new Set(rows.map((row) => row.run_id));
  const count = { runs: groups.length };
  const numbers = await tx.many<{ dag_run_id: string }>(q.BackfillRunNumbers, count);
  return numbers.map(({ dag_run_id: number }, index) => {
    const intervals = groups[index] ?? [];
    const runId = intervals[0]?.runId ?? "";
    return { number, runId: taken.has(runId) ? `${runId}_${backfillId}` : runId, intervals };
  });
}

/** Bounds of the contiguous intervals of a run, in order of time. */
function boundsOf({ intervals }: NewRun): readonly Date[] {
  const inTime = intervals.toSorted(
    (a, b) => a.interval.start.getTime() - b.interval.start.getTime(),
  );
  const last = inTime.at(-1);
  return [...inTime.map((run) => run.interval.start), ...(last ? [last.interval.end] : [])];
}

function boundsText(run: NewRun): string | null {
  if (run.intervals.length === 1) return null;
  return `{${boundsOf(run)
    .map((at) => at.toISOString())
    .join(",")}}`;
}

/** @returns how many runs were taken into the backfill */
export function backfillRunClear(
  tx: Queryable,
  backfillId: string,
  planned: readonly PlannedRun[],
  params: JsonValue | undefined,
): Promise<number> {
  return tx.exec(q.BackfillRunClear, {
    backfill_id: backfillId,
    dag_run_ids: planned.map((run) => run.dagRunId ?? null),
    ordinals: planned.map((run) => run.ordinal),
    params: params === undefined ? null : JSON.stringify(params),
  });
}

export interface BatchPart extends Interval {
  readonly dagRunId: string;
  readonly runId: string;
}

/** Gives each interval of failed runs a run of its own. The locks of the runs and of their backfills are held. */
export async function backfillBatchSplit(
  tx: Queryable,
  parts: readonly BatchPart[],
): Promise<void> {
  await tx.exec(q.BackfillBatchSplit, {
    dag_run_ids: parts.map((part) => part.dagRunId),
    run_ids: parts.map((part) => part.runId),
    starts: parts.map((part) => part.start),
    ends: parts.map((part) => part.end),
  });
}
