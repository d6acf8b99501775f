import type { ConnectionRef, MarkerTransaction, Transactional } from "../definition/connection.ts";
import type { AssetEvent, TaskContext, TaskLog, TaskState } from "../definition/context.ts";
import { tidemillError } from "../kernel/errors.ts";
import { checkOutput, type JsonValue, outputError } from "../kernel/json.ts";
import type { Redactor } from "../kernel/redact.ts";
import { intervalsBetween } from "../timetable/data-interval.ts";
import type { AttemptEvents } from "./attempt-events.ts";
import type { AttemptConnections } from "./connections.ts";
import { runOnce } from "./transaction.ts";

/** An update of an asset as it crosses into a process: instants are ISO texts. */
export interface AssetEventFacts {
  readonly asset: string;
  readonly at: string;
  readonly payload: JsonValue;
  readonly producer?: {
    readonly dagId: string;
    readonly runId: string;
    readonly taskId: string;
    readonly intervalStart: string;
    readonly intervalEnd: string;
  };
}

/** The attempt as the context shows it; a part of what an executor is handed. */
export interface AttemptFacts {
  readonly dagId: string;
  readonly runId: string;
  readonly runType: string;
  readonly taskId: string;
  readonly mapIndex: number;
  readonly tryNumber: number;
  /** Of the task instance; grows with each clear. Key of `ctx.transaction`. */
  readonly clearNumber: number;
  readonly handOff: number;
  readonly taskInstanceId: string;
  /** ISO instants. */
  readonly intervalStart: string;
  readonly intervalEnd: string;
  /** Bounds of the intervals of a run that covers several. */
  readonly intervalBounds?: readonly string[] | undefined;
  /** Updates of assets that the run was made for. */
  readonly assetEvents?: readonly AssetEventFacts[];
}

export interface TaskContextParts {
  readonly facts: AttemptFacts;
  readonly installationId: string;
  readonly params: unknown;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Kind `each`: the item of this instance. */
  readonly item?: unknown;
  readonly signal: AbortSignal;
  readonly log: TaskLog;
  readonly redactor: Redactor;
  readonly connections: AttemptConnections;
  readonly state: AttemptState;
  readonly events: AttemptEvents;
}

/** What `run` is given. `item` and `index` are there for a mapped instance only. */
export type AnyTaskContext = TaskContext & { readonly item?: unknown; readonly index?: number };

/** Builds what a task's function is given. */
export function createTaskContext(parts: TaskContextParts): AnyTaskContext {
  const { facts, connections } = parts;
  const dataInterval = { start: new Date(facts.intervalStart), end: new Date(facts.intervalEnd) };
  return {
    open: (ref) => connections.open(ref),
    transaction: transactionOf(parts) as TaskContext["transaction"],
    state: parts.state,
    sendEvent: (name, options) => parts.events.send(name, options),
    dagId: facts.dagId,
    runId: facts.runId,
    taskId: facts.taskId,
    mapIndex: facts.mapIndex,
    tryNumber: facts.tryNumber,
    attemptKey: attemptKey(facts),
    instanceKey: instanceKey(facts),
    dataInterval,
    intervals: facts.intervalBounds
      ? intervalsBetween(facts.intervalBounds.map((at) => new Date(at)))
      : [dataInterval],
    logicalDate: dataInterval.start,
    runType: facts.runType,
    assetEvents: (facts.assetEvents ?? []).map(assetEvent),
    params: parts.params,
    inputs: parts.inputs,
    signal: parts.signal,
    log: parts.log,
    redact: (text) => parts.redactor.redact(text),
    ...("item" in parts && { item: parts.item, index: facts.mapIndex }),
  };
}

/**
 * Names a try among all tries of all time, in characters that any file or table name may have.
 *
 * @example attemptKey({ taskInstanceId: "123", clearNumber: 0, tryNumber: 1, handOff: 0 }) // "t123_c0_r1_h0"
 */
export function attemptKey(
  facts: Pick<AttemptFacts, "taskInstanceId" | "clearNumber" | "tryNumber" | "handOff">,
): string {
  return `t${facts.taskInstanceId}_c${facts.clearNumber}_r${facts.tryNumber}_h${facts.handOff}`;
}

function assetEvent({ asset, at, payload, producer }: AssetEventFacts): AssetEvent {
  const event = { asset, at: new Date(at), payload };
  if (!producer) return event;
  const { intervalStart, intervalEnd, ...ids } = producer;
  const dataInterval = { start: new Date(intervalStart), end: new Date(intervalEnd) };
  return { ...event, producer: { ...ids, dataInterval } };
}

/** Names a task instance until it is cleared, in the same characters. */
export function instanceKey(facts: Pick<AttemptFacts, "taskInstanceId" | "clearNumber">): string {
  return `t${facts.taskInstanceId}_c${facts.clearNumber}`;
}

function transactionOf({ facts, installationId, connections }: TaskContextParts) {
  return async (
    ref: ConnectionRef<Transactional<MarkerTransaction>>,
    name: string,
    fn: (tx: MarkerTransaction) => Promise<unknown>,
  ): Promise<unknown> => {
    const { dagId, runId, taskId, mapIndex, clearNumber } = facts;
    const key = { installationId, dagId, runId, taskId, mapIndex, name };
    const hook = await connections.open(ref);
    return runOnce(hook, fn, { connectionId: ref.connectionId, key, clearNumber });
  };
}

export interface AttemptStateOptions {
  readonly taskId: string;
  /** The stored value of a key, as JSON text. */
  readonly read: (key: string) => Promise<string | undefined>;
}

/** `ctx.state` of one attempt: reads what is stored, keeps what was set until the attempt succeeds. */
export class AttemptState implements TaskState {
  readonly #options: AttemptStateOptions;
  readonly #set = new Map<string, string>();

  constructor(options: AttemptStateOptions) {
    this.#options = options;
  }

  async get<T>(key: string): Promise<T | undefined> {
    const json = this.#set.get(key) ?? (await this.#options.read(key));
    return json === undefined ? undefined : (JSON.parse(json) as T);
  }

  /** @throws TidemillError `TIDEMILL_OUTPUT_INVALID`, `TIDEMILL_OUTPUT_TOO_LARGE`, `TIDEMILL_INPUT_INVALID`. */
  set(key: string, value: unknown): void {
    if (typeof key !== "string" || key === "" || key.length > longestKey) {
      throw tidemillError("TIDEMILL_INPUT_INVALID", {
        subject: `State key "${String(key)}" of task "${this.#options.taskId}"`,
        problem: `is not a text of 1 to ${longestKey} characters`,
        remedy: "give it a short name",
      });
    }
    const checked = checkOutput(value as JsonValue);
    if ("problem" in checked) throw outputError(this.#options.taskId, checked);
    this.#set.set(key, checked.json);
  }

  /** What was set, key to JSON text; undefined when nothing was. */
  changes(): Readonly<Record<string, string>> | undefined {
    return this.#set.size > 0 ? Object.fromEntries(this.#set) : undefined;
  }
}

const longestKey = 200;
