export type {
  ConnectionRef,
  MarkerTransaction,
  Transactional,
  TransactionOf,
} from "./definition/connection.ts";
export type {
  AssetEvent,
  DataInterval,
  SendEventOptions,
  TaskContext,
  TaskLog,
  TaskState,
} from "./definition/context.ts";
export { type Dag, dag } from "./definition/dag.ts";
export type {
  AssetSchedule,
  CronSchedule,
  DagOptions,
  Schedule,
  TaskDefaults,
} from "./definition/dag-options.ts";
export type { ExecutionOptions } from "./definition/execution-options.ts";
export type {
  BranchOptions,
  DagBuilder,
  EachOptions,
  SensorOptions,
  ShortCircuitOptions,
  TaskOptions,
  TeardownOptions,
} from "./definition/task.ts";
export type {
  OtherRun,
  RunWaitOptions,
  TriggerDagOptions,
  WaitForEventOptions,
  WaitForRunOptions,
} from "./definition/wait-options.ts";
export type {
  BranchCase,
  BranchRef,
  Chosen,
  Inputs,
  InputValues,
  OutputOf,
  SetupRef,
  TaskRef,
} from "./definition/task-ref.ts";
export type { TriggerRule } from "./definition/trigger-rule.ts";
export { type Asset, asset } from "./kernel/asset.ts";
export { connectionVariable } from "./kernel/connections.ts";
export { type Duration, durationMs } from "./kernel/duration.ts";
export { TidemillError, tidemillError, type TidemillErrorCode } from "./kernel/errors.ts";
export type { JsonResult, JsonShape, JsonValue, TypeProblem } from "./kernel/json.ts";
export { type ParameterizedSql, parseNamedParameters } from "./kernel/named-parameters.ts";
export { FailTask, RetryTask, SkipTask } from "./kernel/task-signals.ts";
