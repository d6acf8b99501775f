import type { Queryable } from "./database.ts";
import type { TaskInstanceRow } from "./rows.ts";
import { loadQueries } from "./sql.ts";
import { staleIfNotWhole } from "./stale-run.ts";

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
  readonly holds: readonly object[];
  readonly alerts: readonly object[];
  readonly runs: readonly object[];
}

export interface RunApplyOptions {
  /** Whether the statement takes the locks of the runs itself, and looks whether they are as their copies say. */
  readonly isAtOnce: boolean;
  /** Whether attempts start, in the name of `processId`. */
  readonly starts: boolean;
  readonly processId: string | undefined;
}

/** What a hop came to in the database. */
export interface Applied {
  /** The clock of the database. */
  readonly now: Date;
  /** Alerts that it wrote. */
  readonly alerts: number;
}

/**
 * Writes a hop.
 *
 * @returns undefined when a run was not as its copy says and nothing was written
 * @throws StaleRunError when a compare-and-set found another state; the caller rolls back and reads anew
 */
export async function runApply(
  tx: Queryable,
  rows: HopRows,
  options: RunApplyOptions,
): Promise<Applied | undefined> {
  const result = await tx
    .one<Applied & { is_held: boolean }>(q.RunApply, {
      instances: JSON.stringify(rows.instances),
      instance_count: rows.instances.length,
      tries: JSON.stringify(rows.tries),
      outputs: JSON.stringify(rows.outputs),
      states: JSON.stringify(rows.states),
      ready: JSON.stringify(rows.ready),
      unready_ids: rows.unreadyIds,
      released_ids: rows.releasedIds,
      holds: JSON.stringify(rows.holds),
      alerts: JSON.stringify(rows.alerts),
      runs: JSON.stringify(rows.runs),
      is_at_once: options.isAtOnce,
      starts: options.starts,
      process_id: options.processId ?? null,
    })
    .catch(staleIfNotWhole(`Not all ${rows.instances.length} task instances were as known`));
  return result?.is_held === true ? result : undefined;
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
