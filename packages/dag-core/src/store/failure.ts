import type { Queryable } from "./database.ts";
import { loadQueries } from "./sql.ts";

const q = loadQueries(
  "failure",
  "RunFailures",
  "RunTryErrors",
  "SchedulerFailureInsert",
  "SchedulerFailureRecent",
);

/** Most failed task instances that are told of one run. */
const mostFailures = 100;

export interface RunFailureRow {
  readonly task_id: string;
  /** -1 for a task that is not mapped. */
  readonly map_index: number;
  readonly try_number: number;
  readonly reason: string | null;
  /** The message of the last try; null where nothing was thrown. */
  readonly error: string | null;
}

export function runFailures(tx: Queryable, dagRunId: string): Promise<RunFailureRow[]> {
  return tx.many(q.RunFailures, { dag_run_id: dagRunId, max_rows: mostFailures });
}

export interface RunTryErrorRow {
  readonly task_id: string;
  readonly map_index: number;
  readonly try_number: number;
  readonly hand_off: number;
  readonly ended_at: Date;
  readonly state: string;
  readonly reason: string | null;
  readonly class: string | null;
  readonly message: string | null;
  readonly stack: string | null;
}

export interface TryErrorOptions {
  readonly taskId?: string | undefined;
  readonly mapIndex?: number | undefined;
  readonly tryNumber?: number | undefined;
}

export function runTryErrors(
  tx: Queryable,
  dagRunId: string,
  options: TryErrorOptions = {},
): Promise<RunTryErrorRow[]> {
  return tx.many(q.RunTryErrors, {
    dag_run_id: dagRunId,
    task_id: options.taskId ?? null,
    map_index: options.mapIndex ?? null,
    try_number: options.tryNumber ?? null,
  });
}

export interface SchedulerFailure {
  readonly actor: string;
  readonly error: string;
  readonly dagId?: string | undefined;
  readonly dagRunId?: string | undefined;
}

export function schedulerFailureInsert(tx: Queryable, failure: SchedulerFailure): Promise<number> {
  return tx.exec(q.SchedulerFailureInsert, {
    actor: failure.actor,
    error: failure.error,
    dag_id: failure.dagId ?? null,
    dag_run_id: failure.dagRunId ?? null,
  });
}

export interface SchedulerFailureRow {
  readonly actor: string;
  readonly dag_id: string | null;
  readonly error: string;
  readonly age_seconds: number;
}

export function schedulerFailureRecent(
  tx: Queryable,
  dagId?: string,
): Promise<SchedulerFailureRow | undefined> {
  return tx.one(q.SchedulerFailureRecent, { dag_id: dagId ?? null });
}
