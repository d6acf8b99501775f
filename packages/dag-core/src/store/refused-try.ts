import type { AttemptError } from "../definition/outcome.ts";
import { alertTaskFailed } from "./alert-raise.ts";
import { dagRunLock } from "./dag-run.ts";
import type { Store } from "./database.ts";
import { loadQueries } from "./sql.ts";

const q = loadQueries("task_instance", "TaskInstanceRefuse");

export interface RefusedTry {
  readonly dagRunId: string;
  readonly taskInstanceId: string;
  readonly lease: string;
}

/**
 * Fails a running task instance and decides nothing else: what follows is left to the next look at its run. For an end
 * that cannot be stored together with what follows from it. Nothing happens if the lease is gone.
 */
export async function taskInstanceRefuse(
  database: Store,
  { dagRunId, taskInstanceId, lease }: RefusedTry,
  error: AttemptError,
): Promise<void> {
  await database.transaction(async (tx) => {
    await dagRunLock(tx, [dagRunId]);
    const change = { task_instance_id: taskInstanceId, lease, error: JSON.stringify(error) };
    await tx.exec(q.TaskInstanceRefuse, change);
    await alertTaskFailed(tx, [taskInstanceId]);
  });
}
