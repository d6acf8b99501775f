export type { TaskLogLine } from "../context/task-log.ts";
export type { AttemptError } from "../definition/outcome.ts";
export { type CheckDagsOptions, checkDags, type CheckProblem } from "../registry/check.ts";
export { type LoadDagFileOptions } from "../registry/load.ts";
export { type DagFileError, loadRegistry, type Registry } from "../registry/registry.ts";
export { runTask, type RunTaskOptions, type TaskResult } from "./run-task.ts";
export { type TestContext, testContext, type TestContextOptions } from "./test-context.ts";
export type { TestRunOptions } from "./test-facts.ts";
export { simulate, type SimulateOptions } from "./simulate.ts";
export type {
  SimulatedAttempt,
  SimulatedEvent,
  SimulatedResult,
} from "./simulation/simulated-attempt.ts";
export type {
  SimulatedAlert,
  SimulatedGap,
  SimulatedRun,
  SimulatedTaskInstance,
  SimulatedTry,
  SimulatedWait,
  SimulationLog,
} from "./simulation/simulation-log.ts";
