import type { Queryable } from "./database.ts";
import type {
  DagRunFactsRow,
  DagRunLockRow,
  LeasedRow,
  TaskInputRow,
  TaskInstanceRow,
} from "./rows.ts";
import { loadQueries } from "./sql.ts";

const runs = loadQueries(
  "dag_run",
  "DagRunLock",
  "DagRunLockSkipping",
  "DagRunFacts",
  "DagRunToDecide",
  "DagRunQueuedGroups",
  "DagRunQueuedCandidates",
  "DagRunCountRunning",
  "DagRunStart",
  "DagRunOfLostProcesses",
  "DagRunOfProcess",
  "DagRunBackfillLock",
  "DagRunBackfillEnd",
);
const instances = loadQueries("task_instance", "TaskInstanceOfRuns", "TaskInstanceInputs");

export interface QueuedGroupRow {
  readonly dag_id: string;
  readonly backfill_id: string | null;
}

type RunIds = readonly string[];
const ids = (rows: readonly { readonly dag_run_id: string }[]) => rows.map((r) => r.dag_run_id);

export function dagRunLock(
  tx: Queryable,
  dagRunIds: RunIds,
  processId?: string,
): Promise<DagRunLockRow[]> {
  return tx.many(runs.DagRunLock, { dag_run_ids: dagRunIds, process_id: processId ?? null });
}

export interface QueuedRunRow {
  readonly dag_run_id: string;
  readonly dag_version_id: string;
  /** Whether it has no task instances yet. */
  readonly is_new: boolean;
}

export function dagRunLockSkipping(tx: Queryable, dagRunIds: RunIds): Promise<QueuedRunRow[]> {
  return tx.many(runs.DagRunLockSkipping, { dag_run_ids: dagRunIds });
}

export function dagRunFacts(tx: Queryable, dagRunIds: RunIds): Promise<DagRunFactsRow[]> {
  return tx.many(runs.DagRunFacts, { dag_run_ids: dagRunIds });
}

export async function dagRunToDecide(
  tx: Queryable,
  maxRuns: number,
  besides: RunIds,
): Promise<string[]> {
  return ids(await tx.many(runs.DagRunToDecide, { max_runs: maxRuns, besides }));
}

export function dagRunQueuedGroups(tx: Queryable): Promise<QueuedGroupRow[]> {
  return tx.many(runs.DagRunQueuedGroups);
}

export async function dagRunQueuedCandidates(
  tx: Queryable,
  group: QueuedGroupRow,
  maxRuns: number,
): Promise<string[]> {
  return ids(await tx.many(runs.DagRunQueuedCandidates, { ...group, max_runs: maxRuns }));
}

export async function dagRunCountRunning(tx: Queryable, group: QueuedGroupRow): Promise<number> {
  const row = await tx.one<{ running: number }>(runs.DagRunCountRunning, { ...group });
  return row?.running ?? 0;
}

export async function dagRunStart(tx: Queryable, dagRunIds: RunIds): Promise<string[]> {
  return ids(await tx.many(runs.DagRunStart, { dag_run_ids: dagRunIds }));
}

export function dagRunOfLostProcesses(tx: Queryable): Promise<LeasedRow[]> {
  return tx.many(runs.DagRunOfLostProcesses);
}

export function dagRunOfProcess(
  tx: Queryable,
  processId: string,
): Promise<(LeasedRow & { readonly is_old: boolean })[]> {
  return tx.many(runs.DagRunOfProcess, { process_id: processId });
}

export interface BackfillEndRow {
  readonly backfill_id: string;
  readonly dag_id: string;
  readonly state: string;
}

export interface LockedBackfillRow {
  readonly backfill_id: string;
  readonly state: string;
}

export function dagRunBackfillLock(
  tx: Queryable,
  backfillIds: readonly string[],
): Promise<LockedBackfillRow[]> {
  return tx.many(runs.DagRunBackfillLock, { backfill_ids: backfillIds });
}

/** Ends backfills whose last run has ended; under their locks, so that of two last runs one sees both ended. */
export async function dagRunBackfillEnd(
  tx: Queryable,
  backfillIds: readonly string[],
): Promise<BackfillEndRow[]> {
  await dagRunBackfillLock(tx, backfillIds);
  return tx.many(runs.DagRunBackfillEnd, { backfill_ids: backfillIds });
}

export function taskInstanceOfRuns(tx: Queryable, dagRunIds: RunIds): Promise<TaskInstanceRow[]> {
  return tx.many(instances.TaskInstanceOfRuns, { dag_run_ids: dagRunIds });
}

export function taskInstanceInputs(
  tx: Queryable,
  dagRunIds: RunIds,
  taskIds: readonly string[],
): Promise<TaskInputRow[]> {
  return tx.many(instances.TaskInstanceInputs, { dag_run_ids: dagRunIds, task_ids: taskIds });
}
