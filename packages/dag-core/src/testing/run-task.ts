import { environmentSecrets } from "../context/connections.ts";
import { AttemptLog, type TaskLogLine } from "../context/task-log.ts";
import type { Dag } from "../definition/dag.ts";
import type { TaskManifest } from "../definition/manifest.ts";
import type { AttemptError, Outcome } from "../definition/outcome.ts";
import type { StateReason } from "../definition/states.ts";
import { AttemptControl } from "../executor/attempt-control.ts";
import { runAttempt } from "../executor/attempt.ts";
import type { AttemptInput } from "../executor/hand-off.ts";
import { outcomeMask } from "../executor/mask-outcome.ts";
import { tidemillError } from "../kernel/errors.ts";
import type { JsonValue } from "../kernel/json.ts";
import { redactorOf } from "../kernel/named-secrets.ts";
import { retryDecision } from "../rules/retry.ts";
import {
  parsedState,
  readTestState,
  refuseUnknown,
  stored,
  testEnvironment,
  testFacts,
  testInstallation,
  type TestRunOptions,
} from "./test-facts.ts";

export interface RunTaskOptions extends TestRunOptions {
  /** As given to a run: checked and filled in by the DAG's schema. */
  readonly params?: Readonly<Record<string, unknown>>;
  /** Outputs of upstream tasks by input name. One left out stands for an upstream that produced nothing. */
  readonly inputs?: Readonly<Record<string, unknown>>;
  /** Kind `each`: the item. Defaults to the one of the DAG's own list at `mapIndex`. */
  readonly item?: unknown;
  /** Kind `each`: the index. Defaults to 0. */
  readonly mapIndex?: number;
}

/** How one try of a task ended, in the words of the engine. */
export interface TaskResult {
  readonly state:
    "success" | "skipped" | "failed" | "up_for_retry" | "up_for_reschedule" | "deferred";
  /** The output as it is stored; undefined for none. A branch's is its case. */
  readonly output: unknown;
  /** Why it failed, or is up for a retry. */
  readonly error?: AttemptError & { readonly reason: StateReason };
  /** Why it skipped itself. */
  readonly message?: string;
  /** Time until it is tried or asked again, in milliseconds. */
  readonly afterMs?: number;
  /** What it waits for: `event:<name>`, or `run:<dag>@<start of the interval>`. */
  readonly awaits?: string;
  /** The run of another DAG that it asks for; a test makes none. */
  readonly triggers?: {
    readonly dagId: string;
    readonly params: JsonValue;
    readonly interval: string | undefined;
  };
  /** Secrets are masked. */
  readonly logs: readonly TaskLogLine[];
  /** What is stored in `ctx.state`: what was set, if the task succeeded. */
  readonly stateWrites: Readonly<Record<string, JsonValue>>;
}

/** Time that a task has to return after its timeout or a stop. */
const graceMs = 1_000;

/**
 * Runs one try of one task in this process, as the engine would: params parsed by the DAG's schema, inputs and output
 * as JSON, the timeout kept, connections closed. Nothing of an engine is needed but what the task itself opens.
 *
 * @throws TidemillError `TIDEMILL_TASK_NOT_FOUND`; `TIDEMILL_OPTION_UNKNOWN` for an input that the task does not have.
 *   What the task throws is in the result.
 * @example
 * const result = await runTask(ordersDaily, "build_mart", {
 *   inputs: { staged: { rowCount: 3 } },
 *   connections: { dwh: databaseUrl },
 * });
 * expect(result).toMatchObject({ state: "success", output: { rowCount: 3 } });
 */
export async function runTask(
  dag: Dag,
  taskId: string,
  options: RunTaskOptions = {},
): Promise<TaskResult> {
  const { dagId, manifest } = dag;
  const task = manifest.tasks.find((one) => one.taskId === taskId);
  const known = manifest.tasks.map((one) => one.taskId);
  if (!task) throw tidemillError("TIDEMILL_TASK_NOT_FOUND", { taskId, dagId, known });
  const env = testEnvironment(options);
  const secrets = await environmentSecrets(env);
  const redactor = redactorOf(secrets);
  const logs: TaskLogLine[] = [];
  const log = new AttemptLog((lines) => void logs.push(...lines), redactor);
  const control = new AttemptControl();
  const stopping = stopWith(options.signal, control);
  const input = attemptInput(dag, task, options);
  const attempt = runAttempt({
    input,
    dags: new Map([[dagId, dag]]),
    installationId: testInstallation,
    env,
    redactor,
    control,
    log,
    graceMs,
    readState: readTestState(options),
    inScope: (fn) => fn(),
  });
  try {
    const { outcome } = await Promise.race([attempt, stopping.overdue]);
    const kept = outcomeMask(secrets, redactor)(outcome, taskId);
    return { ...resultOf(kept, task, input), logs };
  } finally {
    log.close();
    stopping.end();
  }
}

/** Passes an abort on. The engine ends the process of a task that does not return then; a test only leaves it. */
function stopWith(signal: AbortSignal | undefined, control: AttemptControl) {
  const { promise: overdue, resolve } = Promise.withResolvers<{ readonly outcome: Outcome }>();
  let timer: NodeJS.Timeout | undefined;
  const message = `The task was told to stop and did not return within ${graceMs} ms`;
  const outcome = { kind: "lost", reason: "stopped", wasAlone: true, message } as const;
  const stop = () => {
    control.interrupt({ why: "stopped", error: signal?.reason });
    timer = setTimeout(() => resolve({ outcome }), graceMs);
  };
  signal?.addEventListener("abort", stop, { once: true });
  if (signal?.aborted) stop();
  const end = () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  };
  return { overdue, end };
}

function attemptInput(dag: Dag, task: TaskManifest, options: RunTaskOptions): AttemptInput {
  const { taskId, kind, timeoutMs } = task;
  const subject = `inputs of task "${taskId}" of DAG "${dag.dagId}"`;
  const given = Object.entries(options.inputs ?? {}).filter(([, value]) => value !== undefined);
  const names = given.map(([name]) => name);
  refuseUnknown(subject, names, Object.keys(task.inputs));
  const mapIndex = options.mapIndex ?? (kind === "each" ? 0 : -1);
  return {
    ...testFacts({ dagId: dag.dagId, taskId, mapIndex }, options, dag.manifest.timezone),
    params: stored("params", options.params ?? {}),
    inputs: Object.fromEntries(given.map(([name, value]) => [name, stored(name, value)])),
    ...(options.item !== undefined && { item: stored("item", options.item) }),
    ...(timeoutMs !== undefined && { timeoutMs }),
  };
}

function resultOf(
  outcome: Outcome,
  task: TaskManifest,
  input: AttemptInput,
): Omit<TaskResult, "logs"> {
  const nothing = { output: undefined, stateWrites: {} };
  switch (outcome.kind) {
    case "success":
      return {
        state: "success",
        output: outcome.output === undefined ? undefined : JSON.parse(outcome.output),
        stateWrites: parsedState(outcome.state),
      };
    case "skipped":
      return { ...nothing, state: "skipped", message: outcome.message };
    case "reschedule":
      return { ...nothing, state: "up_for_reschedule", afterMs: outcome.afterMs };
    case "defer":
      return { ...nothing, state: "deferred", awaits: outcome.wakeKey };
    case "trigger": {
      const { dagId, params, interval } = outcome;
      return {
        ...nothing,
        state: "success",
        triggers: { dagId, params: JSON.parse(params), interval },
      };
    }
    case "failed":
      return { ...nothing, ...failure(outcome, task, input) };
    case "lost":
      return { ...nothing, state: "failed", error: stoppedError(outcome.message) };
    case "wrong_version":
      throw new Error(`A task that was found has no code: ${task.taskId}`);
  }
}

function stoppedError(message: string): AttemptError & { readonly reason: StateReason } {
  return { class: "Stopped", message, reason: "exit" };
}

function failure(
  { error, reason, retry }: Extract<Outcome, { kind: "failed" }>,
  task: TaskManifest,
  { dagId, taskId, mapIndex, tryNumber, intervalStart }: AttemptInput,
) {
  const decided = retryDecision({
    policy: task,
    outcomeRetry: retry,
    tryNumber,
    triesSinceClear: tryNumber,
    maxTries: task.retries,
    identity: { dagId, taskId, logicalDate: new Date(intervalStart), tryNumber, mapIndex },
  });
  const described = { ...error, reason };
  return decided.decision === "fail"
    ? ({ state: "failed", error: described } as const)
    : ({ state: "up_for_retry", error: described, afterMs: decided.delayMs } as const);
}
