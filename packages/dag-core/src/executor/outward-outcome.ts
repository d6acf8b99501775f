import type { Outcome } from "../definition/outcome.ts";
import type { TriggerRequest } from "../definition/wait-nodes.ts";
import { wakeKey } from "../definition/wake-key.ts";
import { tidemillError } from "../kernel/errors.ts";
import { isId } from "../kernel/ids.ts";
import { checkOutput, outputError } from "../kernel/json.ts";
import type { OutcomeOptions } from "./outcome.ts";
import { describeError } from "./user-error.ts";

/** What a task that looks beyond its run asks the engine for. */
export function outwardOutcome(value: unknown, options: OutcomeOptions): Outcome {
  const { task } = options;
  const dagId = task.target ?? "";
  if (task.kind === "trigger") return triggerOutcome(dagId, value as TriggerRequest, options);
  if (task.kind === "wait_event") {
    if (isId(value)) return { kind: "defer", wakeKey: wakeKey({ kind: "event", name: value }) };
    return refused("event", value, "return 1 to 200 of A-Z a-z 0-9 _ . ~ : + -", options);
  }
  if (!isValidDate(value)) {
    return refused("interval", value, "return the Date on which the interval starts", options);
  }
  return { kind: "defer", wakeKey: wakeKey({ kind: "interval", dagId, start: value }) };
}

function triggerOutcome(
  dagId: string,
  { params, interval }: TriggerRequest,
  options: OutcomeOptions,
): Outcome {
  if (interval !== undefined && !isValidDate(interval)) {
    return refused("interval", interval, "return a Date in the interval", options);
  }
  const checked = checkOutput(params);
  if ("problem" in checked) {
    const error = outputError(options.task.taskId, checked);
    const described = describeError(error, options.redactor);
    return { kind: "failed", reason: "serialization", error: described, retry: "never" };
  }
  const at = interval === undefined ? {} : { interval: interval.toISOString() };
  return { kind: "trigger", dagId, params: checked.json, ...at };
}

const isValidDate = (value: unknown): value is Date =>
  value instanceof Date && !Number.isNaN(value.getTime());

function refused(option: string, value: unknown, remedy: string, options: OutcomeOptions): Outcome {
  const error = tidemillError("TIDEMILL_INPUT_INVALID", {
    subject: `What "${option}" of task "${options.task.taskId}" returned, "${String(value)}",`,
    problem: "cannot be used",
    remedy,
  });
  const described = describeError(error, options.redactor);
  return { kind: "failed", reason: "error", error: described, retry: "never" };
}
