export type { BackfillEntry, BackfillPlan, Reprocess } from "../backfill/plan.ts";
export { TidemillError, type TidemillErrorCode } from "../kernel/errors.ts";
export { Database, type DatabaseOptions } from "../store/database.ts";
export type { BackfillCancelled, CancelBackfillOptions } from "./backfill-verbs.ts";
export type { BackfillRequest } from "./backfills.ts";
export type { BackfillCreated, CreateBackfillOptions } from "./create-backfill.ts";
export type { CancelRunOptions, RunCancelled } from "./cancel-run.ts";
export type { CheckedSchedule, CheckSchedulesOptions } from "./check-schedules.ts";
export type { TaskChoice } from "./choose-tasks.ts";
export type { ChangedTask, RunChoice, TasksChanged } from "./change-runs.ts";
export type { ClearTasksOptions } from "./clear-tasks.ts";
export { type Client, type ClientOptions, createClient } from "./create-client.ts";
export type { DagDiff, DagDiffOptions, FieldChange, TaskChange } from "./diff-dag.ts";
export type { Explanation, Reason } from "./explain.ts";
export type { FailureItem, TryErrorItem } from "./failures.ts";
export type { Health, HealthOptions, ProcessItem } from "./health.ts";
export type { LogCursor, LogLineItem, LogOptions, LogPage } from "./logs.ts";
export type { MarkRunOptions, RunMarked } from "./mark-run.ts";
export type { MarkTasksOptions } from "./mark-tasks.ts";
export type { NextExecution } from "./next-execution.ts";
export type {
  BackfillItem,
  DagItem,
  ImportErrorItem,
  PoolItem,
  RunDetails,
  RunItem,
  TaskItem,
  TryItem,
} from "./read-model.ts";
export type { ChangeOptions } from "./scope.ts";
export type { EventSent, SendEventOptions } from "./send-event.ts";
export type { SetPoolOptions } from "./set-pool.ts";
export type { AssetItem, UpdateAssetOptions } from "./update-asset.ts";
export type { Triggered, TriggerOptions } from "./trigger.ts";
