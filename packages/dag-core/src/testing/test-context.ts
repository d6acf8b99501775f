import { AttemptEvents } from "../context/attempt-events.ts";
import { AttemptConnections } from "../context/connections.ts";
import { AttemptState, createTaskContext, instanceKey } from "../context/task-context.ts";
import { AttemptLog, type TaskLogLine } from "../context/task-log.ts";
import type { TaskContext, TaskLog } from "../definition/context.ts";
import type { JsonValue } from "../kernel/json.ts";
import { secretsOf } from "../kernel/named-secrets.ts";
import { createRedactor, type Redactor } from "../kernel/redact.ts";
import {
  parsedState,
  readTestState,
  testEnvironment,
  testFacts,
  testInstallation,
  type TestRunOptions,
} from "./test-facts.ts";

export interface TestContextOptions<P, V> extends TestRunOptions {
  /** As the task sees them: parsed, defaults filled in. */
  readonly params?: P;
  /** Outputs of upstream tasks by input name. */
  readonly inputs?: V;
  /** Defaults to `test_dag` and `test_task`. */
  readonly dagId?: string;
  readonly taskId?: string;
  /** Index of a mapped instance. Defaults to -1, or 0 where an `item` is given. */
  readonly mapIndex?: number;
}

/** A task context outside of any run, and what was done with it. Closes its connections at the end of `await using`. */
export interface TestContext<P, V> extends TaskContext<P, V>, AsyncDisposable {
  /** Lines logged so far, secrets masked. */
  readonly logs: readonly TaskLogLine[];
  /** What `ctx.state.set` was given. */
  readonly stateWrites: Readonly<Record<string, JsonValue>>;
  /** Closes the connections. */
  close(): Promise<void>;
}

/**
 * A real context for a task's function: it opens real connections, and `transaction` is the one that the engine uses.
 *
 * @returns The context; with `item` also `item` and `index`, for the function of an `each`.
 * @example
 * await using ctx = testContext({ params: { region: "eu" }, connections: { dwh: databaseUrl } });
 * expect(await loadOrders(ctx)).toEqual({ rowCount: 3 });
 * expect(ctx.logs.map((line) => line.message)).toEqual(["loaded"]);
 * @example
 * const runId = "same_run"; // a retry after a commit does not run the transaction again
 * await loadOrders(testContext({ runId, connections }));
 * await loadOrders(testContext({ runId, tryNumber: 2, connections }));
 */
export function testContext<P = {}, V = {}, T = never>(
  options: TestContextOptions<P, V> & { readonly item: T },
): TestContext<P, V> & { readonly item: T; readonly index: number };
export function testContext<P = {}, V = {}>(options?: TestContextOptions<P, V>): TestContext<P, V>;
export function testContext<P, V>(
  options: TestContextOptions<P, V> & { readonly item?: unknown } = {},
): TestContext<P, V> {
  const { dagId = "test_dag", taskId = "test_task" } = options;
  const mapIndex = options.mapIndex ?? ("item" in options ? 0 : -1);
  const env = testEnvironment(options);
  const signal = options.signal ?? new AbortController().signal;
  const logs: TaskLogLine[] = [];
  const redactor = createRedactor(secretsOf(env));
  const log = collectingLog(logs, redactor);
  const state = new AttemptState({ taskId, read: readTestState(options) });
  const facts = testFacts({ dagId, taskId, mapIndex }, options, "UTC");
  const events = new AttemptEvents(taskId, instanceKey(facts));
  const warn = (message: string) => log.warn(message);
  const connections = new AttemptConnections({ env, taskId, signal, warn });
  const context = createTaskContext({
    facts,
    installationId: testInstallation,
    params: options.params ?? {},
    inputs: options.inputs ?? {},
    ...("item" in options && { item: options.item }),
    signal,
    log,
    redactor,
    connections,
    state,
    events,
  });
  const close = () => connections.close();
  const own = { logs, close, [Symbol.asyncDispose]: close };
  // `defineProperty` tells the compiler nothing of the property that it adds, nor of the types given for P and V.
  return Object.defineProperty(Object.assign(context, own), "stateWrites", {
    get: () => parsedState(state.changes()),
  }) as unknown as TestContext<P, V>;
}

/** The engine's log hands lines on in batches; here each is its own, so that a test can read it at once. */
function collectingLog(logs: TaskLogLine[], redactor: Redactor): TaskLog {
  const write = (level: keyof TaskLog) => (message: string, fields?: object) => {
    const line = new AttemptLog((lines) => void logs.push(...lines), redactor);
    line[level](message, fields);
    line.close();
  };
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}
