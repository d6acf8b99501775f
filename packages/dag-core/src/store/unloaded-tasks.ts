import { dagRunLock } from "./dag-run.ts";
import type { Queryable, Store } from "./database.ts";
import { loadQueries } from "./sql.ts";

const q = loadQueries(
  "task_instance",
  "TaskInstanceUnloaded",
  "TaskInstanceOfferAgain",
  "TaskInstanceNewest",
);

export interface UnloadedOptions {
  readonly dagIds: readonly string[];
  /** Tasks of these DAGs that wait for something of their own. */
  readonly sensors: readonly { readonly dagId: string; readonly taskId: string }[];
}

interface UnloadedRow {
  readonly task_instance_id: string;
  readonly dag_run_id: string;
}

export interface NewestRow {
  readonly task_instance_id: string;
  readonly dag_id: string;
  readonly task_id: string;
}

/** Those of some task instances whose tasks the newest version of their DAG has. */
export function taskNewest(
  database: Queryable,
  taskInstanceIds: readonly string[],
): Promise<NewestRow[]> {
  return database.many(q.TaskInstanceNewest, { task_instance_ids: taskInstanceIds });
}

/** Makes the tasks due that are offered from time to time because no process had loaded their DAG. */
export async function taskInstanceOfferAgain(
  database: Store,
  { dagIds, sensors }: UnloadedOptions,
): Promise<void> {
  const waiting = await database.many<UnloadedRow>(q.TaskInstanceUnloaded, {
    dag_ids: dagIds,
    sensor_dag_ids: sensors.map((sensor) => sensor.dagId),
    sensor_task_ids: sensors.map((sensor) => sensor.taskId),
  });
  if (waiting.length === 0) return;
  const task_instance_ids = waiting.map((row) => row.task_instance_id);
  await database.transaction(async (tx) => {
    await dagRunLock(tx, [...new Set(waiting.map((row) => row.dag_run_id))]);
    await tx.exec(q.TaskInstanceOfferAgain, { task_instance_ids });
  });
}
