import type { TaskContext } from "@tidemill/dag-core";

/** What a step needs of its surroundings; a task of a DAG has it, and the command line makes one of its own. */
export type LoadContext = Pick<
  TaskContext,
  | "open"
  | "transaction"
  | "runId"
  | "runType"
  | "taskId"
  | "dataInterval"
  | "signal"
  | "log"
  | "redact"
>;
