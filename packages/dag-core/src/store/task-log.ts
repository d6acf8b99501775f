import type { JsonValue } from "../kernel/json.ts";
import type { Database, Queryable } from "./database.ts";
import { loadQueries } from "./sql.ts";

const q = loadQueries("task_instance", "TaskLogInsert", "TaskStateRead");
const relaxed = loadQueries("task_instance", "CommitRelaxed");

export interface TaskLogRow {
  readonly task_instance_id: string;
  readonly try_number: number;
  readonly at: string;
  readonly level: string;
  readonly message: string;
  readonly fields: JsonValue;
}

/** Writes log lines without waiting for the disk: a line lost in a crash of the server is not worth a flush. */
export async function taskLogInsert(
  database: Database,
  lines: readonly TaskLogRow[],
): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.exec(relaxed.CommitRelaxed);
    await tx.exec(q.TaskLogInsert, { lines: JSON.stringify(lines) });
  });
}

export interface TaskStateKey {
  readonly dagId: string;
  readonly taskId: string;
  readonly mapIndex: number;
  readonly key: string;
}

/** The stored value of a cursor as JSON text. */
export async function taskStateRead(tx: Queryable, key: TaskStateKey): Promise<string | undefined> {
  const row = await tx.one<{ value: unknown }>(q.TaskStateRead, {
    dag_id: key.dagId,
    task_id: key.taskId,
    map_index: key.mapIndex,
    key: key.key,
  });
  return row ? JSON.stringify(row.value) : undefined;
}
