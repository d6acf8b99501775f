import { AttemptEvents } from "../context/attempt-events.ts";
import { AttemptConnections } from "../context/connections.ts";
import { readInputs } from "../context/inputs.ts";
import { AttemptState, createTaskContext, instanceKey } from "../context/task-context.ts";
import type { AttemptLog } from "../context/task-log.ts";
import type { Dag } from "../definition/dag.ts";
import type { TaskManifest } from "../definition/manifest.ts";
import { describeParamProblems, parseParams } from "../definition/params.ts";
import type { TaskCode } from "../definition/task-nodes.ts";
import type { Environment } from "../kernel/read-variable.ts";
import { tidemillError } from "../kernel/errors.ts";
import type { Redactor } from "../kernel/redact.ts";
import type { AttemptControl } from "./attempt-control.ts";
import type { AttemptInput, Outcome } from "./hand-off.ts";
import { failed, outcomeOf, thrownOutcome } from "./outcome.ts";
import { runFunction } from "./run-function.ts";
import { describeError } from "./user-error.ts";

export interface AttemptOptions {
  readonly input: AttemptInput;
  readonly dags: ReadonlyMap<string, Dag>;
  readonly installationId: string;
  readonly env: Environment;
  readonly redactor: Redactor;
  readonly control: AttemptControl;
  readonly log: AttemptLog;
  /** Time between the abort at the timeout and the verdict. */
  readonly graceMs: number;
  readonly readState: (key: string) => Promise<string | undefined>;
  /** Runs the function where its output and stray errors can be told to be its own. */
  readonly inScope: <T>(fn: () => T) => T;
  readonly outputLimitBytes?: number;
}
export interface AttemptEnd {
  readonly outcome: Outcome;
  /** Its function did not return after the abort: only the end of the process ends it. */
  readonly stillRuns: boolean;
}
interface Found {
  readonly dag: Dag;
  readonly task: TaskManifest;
  readonly code: TaskCode;
}

/** Takes one attempt through its steps; each may end it with an outcome. Rejects for defects of the engine only. */
export async function runAttempt(options: AttemptOptions): Promise<AttemptEnd> {
  const found = findTask(options);
  if ("kind" in found) return ended(found);
  const params = await checkParams(found.dag, options);
  if ("kind" in params) return ended(params);
  const item = findItem(found, options);
  if ("kind" in item) return ended(item);
  return runTask(found, params.params, item, options);
}

const ended = (outcome: Outcome): AttemptEnd => ({ outcome, stillRuns: false });

function findTask({ input, dags }: AttemptOptions): Found | Outcome {
  const dag = dags.get(input.dagId);
  if (!dag) return { kind: "wrong_version", missing: "dag" };
  const code = dag.tasks.get(input.taskId);
  const task = dag.manifest.tasks.find(({ taskId }) => taskId === input.taskId);
  return code && task ? { dag, task, code } : { kind: "wrong_version", missing: "task" };
}

async function checkParams(dag: Dag, { input, redactor }: AttemptOptions) {
  if (!dag.params) return { params: input.params };
  const parsed = await parseParams(dag.params, input.params).catch((error: unknown) => ({
    problems: [{ path: "", problem: describeError(error, redactor).message }],
  }));
  if ("params" in parsed) return parsed;
  const details = { dagId: dag.dagId, problem: describeParamProblems(parsed.problems) };
  const error = tidemillError("TIDEMILL_PARAMS_INVALID", details);
  return failed("params", describeError(error, redactor), "never");
}

function findItem({ code }: Found, { input, redactor }: AttemptOptions) {
  if (code.kind !== "each") return {};
  if (input.item !== undefined) return { item: input.item };
  if (code.items && input.mapIndex in code.items) return { item: code.items[input.mapIndex] };
  const error = tidemillError("TIDEMILL_INPUT_INVALID", {
    subject: `Item ${input.mapIndex} of task "${input.taskId}"`,
    problem: "is not in its list any more",
    remedy: "clear the task so that it is mapped again",
  });
  return failed("error", describeError(error, redactor), "never");
}

async function runTask(
  { dag, task, code }: Found,
  params: unknown,
  item: { readonly item?: unknown },
  options: AttemptOptions,
): Promise<AttemptEnd> {
  const { input, control, log, redactor } = options;
  const { dagId, taskId } = input;
  const { signal } = control;
  const state = new AttemptState({ taskId, read: options.readState });
  const events = new AttemptEvents(taskId, instanceKey(input));
  const warn = (message: string) => log.warn(message);
  const connections = new AttemptConnections({ env: options.env, taskId, signal, warn });
  try {
    const inputs = await readInputs(task, dag.tasks, input.inputs);
    const given = { facts: input, params, inputs, signal, connections, state, events, ...item };
    const context = createTaskContext({ ...options, ...given });
    const run = () => options.inScope(() => code.run(context as never));
    const ending = await runFunction(run, options);
    const written = { state: () => state.changes(), events: () => events.sent() };
    const outcome = outcomeOf(ending, { ...options, dagId, task, ...written });
    return { outcome, stillRuns: ending.settled === undefined };
  } catch (error) {
    return ended(thrownOutcome(error, { redactor }));
  } finally {
    await connections.close();
  }
}
