import type { TaskManifest } from "../definition/manifest.ts";
import type { SentEvent } from "../definition/outcome.ts";
import type { StateReason } from "../definition/states.ts";
import { isOutward } from "../definition/wait-nodes.ts";
import { durationMs } from "../kernel/duration.ts";
import { TidemillError, tidemillError } from "../kernel/errors.ts";
import { checkOutput, outputError } from "../kernel/json.ts";
import type { Redactor } from "../kernel/redact.ts";
import type { RetryTask } from "../kernel/task-signals.ts";
import type { Interruption } from "./attempt-control.ts";
import type { AttemptError, Outcome } from "./hand-off.ts";
import { outwardOutcome } from "./outward-outcome.ts";
import { describeError } from "./user-error.ts";

/** How the function of a task ended; both parts when it ended after it was interrupted. */
export interface Ending {
  readonly interruption?: Interruption;
  readonly settled?: { readonly returned: unknown } | { readonly thrown: unknown };
}

export interface OutcomeOptions {
  readonly dagId: string;
  readonly task: TaskManifest;
  readonly redactor: Redactor;
  /** Most bytes of JSON in an output. Defaults to 256 KiB. */
  readonly outputLimitBytes?: number;
  /** What `ctx.state.set` was given. */
  readonly state: () => Readonly<Record<string, string>> | undefined;
  /** What `ctx.sendEvent` was given. */
  readonly events: () => readonly SentEvent[] | undefined;
}

/** The verdict on an attempt: the one place where endings become outcomes. */
export function outcomeOf(ending: Ending, options: OutcomeOptions): Outcome {
  const { interruption, settled } = ending;
  switch (interruption?.why) {
    case "timeout":
      return failed("timeout", describeError(interruption.error, options.redactor), "policy");
    case "crash":
      return thrownOutcome(interruption.error, options);
    case "stopped":
      return stoppedOutcome(settled, interruption, options);
    case undefined:
      if (settled === undefined) throw new Error("An attempt neither settled nor was interrupted");
      return "returned" in settled
        ? returnedOutcome(settled.returned, options)
        : thrownOutcome(settled.thrown, options);
  }
}

/** A task that was told to stop and still came to a result has one; whatever it threw may be due to the stop. */
function stoppedOutcome(
  settled: Ending["settled"],
  { error }: Interruption,
  options: OutcomeOptions,
): Outcome {
  if (settled && "returned" in settled) return returnedOutcome(settled.returned, options);
  const { message } = describeError(error, options.redactor);
  return { kind: "lost", reason: "stopped", wasAlone: false, message };
}

function returnedOutcome(value: unknown, options: OutcomeOptions): Outcome {
  const { task, dagId, redactor } = options;
  if (task.kind === "sensor" && (value === undefined || value === null)) {
    return { kind: "reschedule", afterMs: task.pokeEveryMs ?? 0 };
  }
  const wrong = wrongAnswer(value, dagId, task);
  if (wrong) return failed("error", describeError(wrong, redactor), "never");
  return isOutward(task.kind) ? outwardOutcome(value, options) : successOutcome(value, options);
}

/** What is wrong with the answer of a task that decides on others. */
function wrongAnswer(value: unknown, dagId: string, task: TaskManifest): Error | undefined {
  const { taskId, kind, cases: known = [] } = task;
  if (kind === "branch") {
    const unknown = casesOf(value).find((one) => !known.includes(one));
    const details = { dagId, taskId, choice: unknown, known };
    return unknown === undefined
      ? undefined
      : tidemillError("TIDEMILL_BRANCH_CASE_UNKNOWN", details);
  }
  if (kind !== "short_circuit" || typeof value === "boolean") return undefined;
  const subject = `Short circuit "${taskId}" of DAG "${dagId}"`;
  const problem = `answered ${typeof value === "string" ? `"${value}"` : typeof value}`;
  return tidemillError("TIDEMILL_INPUT_INVALID", {
    subject,
    problem,
    remedy: "return true or false",
  });
}

/** A branch answers with a case, several, or none. */
function casesOf(value: unknown): readonly string[] {
  if (value === undefined || value === null) return [];
  return [...new Set((Array.isArray(value) ? value : [value]).map(String))];
}

/** What an answer lets follow; undefined where everything may. */
export function choicesOf(value: unknown, { kind }: TaskManifest): readonly string[] | undefined {
  if (kind === "branch") return casesOf(value);
  return kind === "short_circuit" && value === false ? [] : undefined;
}

function successOutcome(value: unknown, options: OutcomeOptions): Outcome {
  const { task, redactor, outputLimitBytes } = options;
  const checked = checkOutput(
    value,
    outputLimitBytes === undefined ? {} : { limitBytes: outputLimitBytes },
  );
  if ("problem" in checked) {
    const error = outputError(task.taskId, checked);
    return failed("serialization", describeError(error, redactor), "never");
  }
  const state = options.state();
  const choices = choicesOf(value, task);
  const events = options.events();
  return {
    kind: "success",
    ...(value !== undefined && { output: checked.json }),
    ...(choices && { choices }),
    ...(Array.isArray(value) && { listLength: value.length }),
    ...(state && { state }),
    ...(events && { events }),
  };
}

/** Signals are known by name: a DAG may have been built against another copy of this package. */
export function thrownOutcome(
  thrown: unknown,
  { redactor }: Pick<OutcomeOptions, "redactor">,
): Outcome {
  const error = describeError(thrown, redactor);
  if (thrown instanceof TidemillError && thrown.code.startsWith("TIDEMILL_OUTPUT_")) {
    return failed("serialization", error, "never");
  }
  switch (error.class) {
    case "SkipTask":
      return { kind: "skipped", message: error.message };
    case "FailTask":
      return failed("error", error, "never");
    case "RetryTask":
      return retryOutcome(thrown as RetryTask, error, redactor);
    default:
      return failed("error", error, "policy");
  }
}

function retryOutcome({ after }: RetryTask, error: AttemptError, redactor: Redactor): Outcome {
  if (after === undefined) return failed("error", error, "policy");
  try {
    return failed("error", error, { afterMs: durationMs(after) });
  } catch (badDuration) {
    return failed("error", describeError(badDuration, redactor), "policy");
  }
}

/** A failure with its reason and what may be done about it. */
export function failed(
  reason: StateReason,
  error: AttemptError,
  retry: "policy" | "never" | { readonly afterMs: number },
): Outcome {
  return { kind: "failed", reason, error, retry };
}
