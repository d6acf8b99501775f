import type { Queryable } from "./database.ts";
import type { TaskInstanceRow } from "./rows.ts";
import { loadQueries } from "./sql.ts";

const q = loadQueries("task_instance", "RunApply", "TaskInstanceExpand");

/** The rows of one hop, in the words of its tables. */
export interface HopRows {
  readonly instances: readonly object[];
  readonly tries: readonly object[];
  readonly outputs: readonly object[];
  readonly states: readonly object[];
  readonly ready: readonly object[];
  readonly unreadyIds: readonly string[];
  readonly releasedIds: readonly string[];
  readonly alerts: readonly object[];
  readonly runs: readonly object[];
}

/** A row was not what the lock said it was: somebody changed it without holding the lock of its run. */
export class StaleRunError extends Error {
  override readonly name = "StaleRunError";
}

/** @throws StaleRunError when a compare-and-set found another state; the caller rolls back and reads anew */
export async function runApply(tx: Queryable, rows: HopRows): Promise<void> {
  const result = await tx.one<{ changed: number }>(q.RunApply, {
    instances: JSON.stringify(rows.instances),
    tries: JSON.stringify(rows.tries),
    outputs: JSON.stringify(rows.outputs),
    states: JSON.stringify(rows.states),
    ready: JSON.stringify(rows.ready),
    unready_ids: rows.unreadyIds,
    released_ids: rows.releasedIds,
    alerts: JSON.stringify(rows.alerts),
    runs: JSON.stringify(rows.runs),
  });
  if (result?.changed !== rows.instances.length) {
    throw new StaleRunError(
      `${rows.instances.length} task instances were to change, ${result?.changed} did`,
    );
  }
}

export interface Expansion {
  readonly dag_run_id: string;
  readonly task_id: string;
  readonly from_index: number;
  readonly length: number;
  readonly max_tries: number;
  readonly clear_number: number;
}

export function taskInstanceExpand(
  tx: Queryable,
  expansions: readonly Expansion[],
  now: Date,
): Promise<TaskInstanceRow[]> {
  return tx.many(q.TaskInstanceExpand, { expansions: JSON.stringify(expansions), now });
}
