import type { Queryable } from "./database.ts";
import type { TaskInstanceRow, TaskReadyRow } from "./rows.ts";
import { loadQueries } from "./sql.ts";

const q = loadQueries(
  "task_instance",
  "TaskReadyCandidates",
  "TaskReadyRunsLock",
  "TaskInstanceClaim",
);

/** What may be claimed, best first, some for backfills and some for others, leaving out what waits for a limit known to be full, and DAGs that are not loaded. */
export function taskReadyCandidates(
  tx: Queryable,
  maxTasks: number,
  fullLimits: readonly string[],
  unloadedDagIds: readonly string[],
): Promise<TaskReadyRow[]> {
  return tx.many(q.TaskReadyCandidates, {
    max_tasks: maxTasks,
    full_limits: fullLimits,
    unloaded_dag_ids: unloadedDagIds,
  });
}

/** Locks those of the runs that are running and that nobody else holds. */
export async function taskReadyRunsLock(
  tx: Queryable,
  dagRunIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await tx.many<{ dag_run_id: string }>(q.TaskReadyRunsLock, {
    dag_run_ids: dagRunIds,
  });
  return new Set(rows.map((row) => row.dag_run_id));
}

export type ClaimedRow = TaskInstanceRow & {
  readonly changed: string;
  readonly is_backfill: boolean;
};

/** Starts ready task instances under their locked runs. */
export function taskInstanceClaim(
  tx: Queryable,
  claims: readonly { readonly taskInstanceId: string; readonly lease: string }[],
  processId: string,
): Promise<ClaimedRow[]> {
  return tx.many(q.TaskInstanceClaim, {
    ids: claims.map((claim) => claim.taskInstanceId),
    leases: claims.map((claim) => claim.lease),
    process_id: processId,
  });
}
