import type { DagRunState, TaskInstanceState } from "../definition/states.ts";
import type { Queryable } from "./database.ts";
import { loadQueries } from "./sql.ts";

const q = loadQueries(
  "past",
  "PastRead",
  "PastHadBefore",
  "PastWaitInsert",
  "PastHold",
  "PastNotice",
  "PastOpen",
  "PastSettle",
  "PastRelease",
);

type RunIds = readonly string[];

/** A run with the one before it; all about that is null if there is none. */
export interface PastRow {
  readonly dag_run_id: string;
  readonly dag_id: string;
  readonly logical_date: Date | null;
  readonly is_first_of_backfill: boolean;
  readonly past_dag_run_id: string | null;
  readonly past_dag_version_id: string | null;
  readonly past_run_id: string | null;
  readonly past_date: Date | null;
  readonly past_state: DagRunState | null;
  readonly past_is_of_same_backfill: boolean | null;
  readonly past_changed: string | null;
  readonly states: Readonly<Record<string, readonly TaskInstanceState[]>> | null;
}

export function pastRead(tx: Queryable, dagRunIds: RunIds): Promise<PastRow[]> {
  return tx.many(q.PastRead, { dag_run_ids: dagRunIds });
}

/** Of some tasks those that an earlier run had. */
export async function pastHadBefore(
  tx: Queryable,
  dagRunId: string,
  taskIds: readonly string[],
): Promise<string[]> {
  const rows = await tx.many<{ task_id: string }>(q.PastHadBefore, {
    dag_run_id: dagRunId,
    task_ids: taskIds,
  });
  return rows.map((row) => row.task_id);
}

export interface PastWait {
  readonly dag_run_id: string;
  readonly past_dag_run_id: string;
  readonly past_changed: number;
  readonly logical_date: Date;
  readonly past_date: Date;
  readonly dag_id: string;
  readonly task_ids: readonly string[];
}

/** Under the locks of the runs that wait. */
export async function pastWaitInsert(tx: Queryable, waits: readonly PastWait[]): Promise<void> {
  if (waits.length > 0) await tx.exec(q.PastWaitInsert, { waits: JSON.stringify(waits) });
}

/** Takes queued runs out of the queue until their past has changed; under their locks. */
export async function pastHoldQueued(tx: Queryable, dagRunIds: RunIds): Promise<void> {
  await tx.exec(q.PastHold, { dag_run_ids: dagRunIds });
}

/** Tasks that have succeeded or were skipped in a run. */
export interface Passed {
  readonly dag_run_id: string;
  readonly task_ids: readonly string[];
}

/** Under the locks of the runs in which the tasks passed. @returns how many runs were told */
export async function pastNotice(tx: Queryable, passed: readonly Passed[]): Promise<number> {
  if (passed.length === 0) return 0;
  return tx.exec(q.PastNotice, { passed: JSON.stringify(passed) });
}

export interface PastOpenRow {
  readonly dag_run_id: string;
  readonly past_dag_run_id: string | null;
  readonly is_settled: boolean;
  readonly is_due: boolean;
}

export function pastOpen(tx: Queryable, maxRuns: number): Promise<PastOpenRow[]> {
  return tx.many(q.PastOpen, { max_runs: maxRuns });
}

/** Under the locks of the previous runs. */
export async function pastSettle(
  tx: Queryable,
  waits: readonly PastOpenRow[],
): Promise<readonly string[]> {
  const rows = await tx.many<{ dag_run_id: string; is_due: boolean }>(q.PastSettle, {
    dag_run_ids: waits.map((wait) => wait.dag_run_id),
    past_dag_run_ids: waits.flatMap((wait) => wait.past_dag_run_id ?? []),
  });
  return rows.filter((row) => row.is_due).map((row) => row.dag_run_id);
}

/** Under the locks of the runs that waited. */
export async function pastRelease(tx: Queryable, dagRunIds: RunIds): Promise<void> {
  await tx.many(q.PastRelease, { dag_run_ids: dagRunIds });
}
