import type { DagManifest, ScheduleSpec } from "../definition/manifest.ts";
import type { DagRunState, RunType, TaskInstanceState } from "../definition/states.ts";
import type { JsonValue } from "../kernel/json.ts";
import type { Queryable } from "./database.ts";
import { loadQueries } from "./sql.ts";

const q = loadQueries(
  "read_model",
  "DagList",
  "ImportErrorList",
  "RunListOfDag",
  "RunListOfAll",
  "RunShow",
  "RunTasks",
  "RunTries",
  "RunLogLines",
  "ProcessList",
  "HealthCounts",
  "ExplainRun",
  "ExplainInstances",
  "ExplainLimits",
  "ExplainRunning",
);

export interface DagListRow {
  readonly dag_id: string;
  readonly file: string;
  readonly is_paused: boolean;
  readonly schedule: ScheduleSpec;
  readonly timezone: string;
  readonly description: string | null;
  readonly owner: string | null;
  readonly tags: readonly string[];
  readonly tasks: number;
  readonly next_run_after: Date | null;
  readonly last_interval_end: Date | null;
  /** Why its file cannot be imported; what is shown is the version before. */
  readonly import_error: string | null;
  readonly running: number;
  readonly queued: number;
  readonly last_run_id: string | null;
  readonly last_state: DagRunState | null;
  readonly last_ended_at: Date | null;
}

export function dagList(tx: Queryable, dagId?: string): Promise<DagListRow[]> {
  return tx.many(q.DagList, { dag_id: dagId ?? null });
}

export interface ImportErrorRow {
  readonly file: string;
  readonly message: string;
  readonly noticed_at: Date;
}

export function importErrorList(tx: Queryable): Promise<ImportErrorRow[]> {
  return tx.many(q.ImportErrorList);
}

export interface RunRow {
  readonly dag_id: string;
  readonly run_id: string;
  readonly run_type: RunType;
  readonly state: DagRunState;
  readonly reason: string | null;
  readonly logical_date: Date | null;
  readonly data_interval_start: Date;
  readonly data_interval_end: Date;
  readonly run_after: Date;
  readonly queued_at: Date;
  readonly started_at: Date | null;
  readonly ended_at: Date | null;
  readonly clear_number: number;
  readonly backfill_id: string | null;
  readonly triggered_by: string;
  readonly params: JsonValue;
}

export interface RunListOptions {
  readonly dagId?: string | undefined;
  readonly state?: DagRunState | undefined;
  /** Defaults to 50. */
  readonly limit?: number | undefined;
}

export function runList(tx: Queryable, options: RunListOptions = {}): Promise<RunRow[]> {
  const { dagId, state = null, limit = 50 } = options;
  if (dagId === undefined) return tx.many(q.RunListOfAll, { state, max_rows: limit });
  return tx.many(q.RunListOfDag, { dag_id: dagId, state, max_rows: limit });
}

export function runShow(
  tx: Queryable,
  dagId: string,
  runId: string,
): Promise<(RunRow & { readonly dag_run_id: string }) | undefined> {
  return tx.one(q.RunShow, { dag_id: dagId, run_id: runId });
}

export interface RunTaskRow {
  readonly task_id: string;
  readonly map_index: number;
  readonly state: TaskInstanceState;
  readonly reason: string | null;
  readonly try_number: number;
  readonly max_tries: number;
  readonly ready_at: Date | null;
  readonly started_at: Date | null;
  readonly ended_at: Date | null;
  readonly wake_at: Date | null;
}

export function runTasks(tx: Queryable, dagRunId: string): Promise<RunTaskRow[]> {
  return tx.many(q.RunTasks, { dag_run_id: dagRunId });
}

export interface RunTryRow {
  readonly task_id: string;
  readonly map_index: number;
  readonly try_number: number;
  readonly hand_off: number;
  readonly state: string;
  readonly reason: string | null;
  readonly ready_at: Date | null;
  readonly started_at: Date | null;
  readonly ended_at: Date | null;
  readonly error: string | null;
}

export function runTries(tx: Queryable, dagRunId: string, taskId?: string): Promise<RunTryRow[]> {
  return tx.many(q.RunTries, { dag_run_id: dagRunId, task_id: taskId ?? null });
}

export interface RunLogOptions {
  readonly taskId?: string | undefined;
  readonly mapIndex?: number | undefined;
  readonly tryNumber?: number | undefined;
  /** Lines after this one. Defaults to the beginning. */
  readonly after?: string | undefined;
  /** Defaults to 1,000. */
  readonly limit?: number | undefined;
}

export interface RunLogRow {
  readonly task_log_id: string;
  readonly task_id: string;
  readonly map_index: number;
  readonly try_number: number;
  readonly at: Date;
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields: JsonValue;
  /** Old enough that no line of a lower number can still be on its way. */
  readonly is_settled: boolean;
}

export function runLogLines(
  tx: Queryable,
  dagRunId: string,
  options: RunLogOptions = {},
): Promise<RunLogRow[]> {
  return tx.many(q.RunLogLines, {
    dag_run_id: dagRunId,
    task_id: options.taskId ?? null,
    map_index: options.mapIndex ?? null,
    try_number: options.tryNumber ?? null,
    after: options.after ?? "0",
    max_rows: options.limit ?? 1_000,
  });
}

export interface ProcessRow {
  readonly process_id: string;
  readonly kind: "scheduler" | "worker";
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  readonly capacity: number;
  readonly state: "alive" | "lost";
  readonly started_at: Date;
  readonly heartbeat_at: Date;
  readonly silent_seconds: number;
}

export function processList(tx: Queryable): Promise<ProcessRow[]> {
  return tx.many(q.ProcessList);
}

export interface HealthCountsRow {
  readonly ready: number;
  readonly oldest_ready_seconds: number | null;
  readonly queued_runs: number;
  readonly running_runs: number;
  readonly import_errors: number;
  readonly oldest_due_seconds: number | null;
}

export async function healthCounts(tx: Queryable): Promise<HealthCountsRow> {
  const row = await tx.one<HealthCountsRow>(q.HealthCounts);
  if (!row) throw new Error("HealthCounts has no row");
  return row;
}

export interface ExplainRunRow {
  readonly dag_run_id: string;
  readonly dag_id: string;
  readonly run_id: string;
  readonly state: DagRunState;
  readonly reason: string | null;
  /** How a run ends that was stopped, once its teardowns have run. */
  readonly verdict: "failed" | "cancelled" | null;
  readonly run_after: Date;
  readonly started_at: Date | null;
  readonly ended_at: Date | null;
  readonly backfill_id: string | null;
  readonly is_paused: boolean;
  readonly is_present: boolean;
  readonly import_error: string | null;
  readonly file: string;
  readonly backfill_state: string | null;
  readonly manifest: DagManifest;
  readonly now: Date;
  readonly schedulers: number;
  readonly processes: number;
  readonly capacity: number;
  readonly max_active_runs: number;
  readonly running_runs: number;
  readonly running_run_ids: readonly string[];
  /** Whether it has not started only because of the run before it. */
  readonly waits_for_past: boolean;
}

export function explainRunRow(
  tx: Queryable,
  dagId: string,
  runId: string,
): Promise<ExplainRunRow | undefined> {
  return tx.one(q.ExplainRun, { dag_id: dagId, run_id: runId });
}

export interface ExplainInstanceRow {
  readonly task_instance_id: string;
  readonly task_id: string;
  readonly map_index: number;
  readonly state: TaskInstanceState;
  readonly reason: string | null;
  readonly try_number: number;
  readonly max_tries: number;
  readonly choices: readonly string[] | null;
  readonly started_at: Date | null;
  readonly ended_at: Date | null;
  readonly wake_at: Date | null;
  /** When a sensor asked first in this try, or a task was given back whose DAG was not loaded. */
  readonly first_poke_at: Date | null;
  /** What a deferred one waits for. */
  readonly wake_key: string | null;
  readonly is_ready: boolean;
  readonly limits: readonly string[] | null;
  readonly host: string | null;
  readonly pid: number | null;
  readonly process_state: string | null;
  readonly heartbeat_at: Date | null;
}

export function explainInstances(tx: Queryable, dagRunId: string): Promise<ExplainInstanceRow[]> {
  return tx.many(q.ExplainInstances, { dag_run_id: dagRunId });
}

export interface ExplainLimitRow {
  readonly kind: string;
  readonly name: string;
  readonly capacity: number;
  readonly taken: number;
  readonly holders: readonly string[];
}

export function explainLimits(
  tx: Queryable,
  limits: readonly string[],
): Promise<ExplainLimitRow[]> {
  return tx.many(q.ExplainLimits, { limits });
}

export interface ExplainRunningRow {
  readonly running: number;
  /** Ready tasks that belong to no backfill. */
  readonly other_ready: number;
}

export async function explainRunning(tx: Queryable): Promise<ExplainRunningRow> {
  const row = await tx.one<ExplainRunningRow>(q.ExplainRunning);
  return row ?? { running: 0, other_ready: 0 };
}
