/** States of a task instance: Airflow's words, plus `cancelled`. */
export const taskInstanceStates = [
  "none",
  "scheduled",
  "queued",
  "running",
  "up_for_retry",
  "up_for_reschedule",
  "deferred",
  "success",
  "failed",
  "upstream_failed",
  "skipped",
  "removed",
  "cancelled",
] as const;
export type TaskInstanceState = (typeof taskInstanceStates)[number];

export const finishedStates: ReadonlySet<TaskInstanceState> = new Set([
  "success",
  "failed",
  "upstream_failed",
  "skipped",
  "removed",
  "cancelled",
]);
export const unfinishedStates: ReadonlySet<TaskInstanceState> = new Set(
  taskInstanceStates.filter((state) => !finishedStates.has(state)),
);

/** States of a DagRun: Airflow's words, plus `cancelled`. */
export const dagRunStates = ["queued", "running", "success", "failed", "cancelled"] as const;
export type DagRunState = (typeof dagRunStates)[number];
export const finishedRunStates: ReadonlySet<DagRunState> = new Set([
  "success",
  "failed",
  "cancelled",
]);

export const runTypes = ["scheduled", "manual", "backfill", "asset_triggered"] as const;
export type RunType = (typeof runTypes)[number];

/** Why a state was reached, where the state alone does not say it. */
const stateReasons = [
  "error",
  "timeout",
  "run_timeout",
  "fail_fast",
  "lease_lost",
  "upstream",
  "manual",
  "params",
  "serialization",
  "out_of_memory",
  "exit",
  "stopped",
  "skipped_by_task",
  "branch",
  "short_circuit",
  "rule",
] as const;
export type StateReason = (typeof stateReasons)[number];
