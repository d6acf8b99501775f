import { randomBytes } from "node:crypto";
import type {
  ConnectionRef,
  MarkerTransaction,
  TaskContext,
  Transactional,
  TransactionOf,
} from "@tidemill/dag-core";

export interface LogLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields: object | undefined;
}

export interface TaskFixture extends AsyncDisposable {
  readonly ctx: TaskContext;
  readonly lines: readonly LogLine[];
  readonly abort: AbortController;
}

export interface TaskFixtureOptions {
  /** Connection id to URI. */
  readonly uris: Readonly<Record<string, string>>;
  readonly attemptKey?: string;
  readonly runId?: string;
}

/** A context over real connections for a test of one operator, outside of any engine. */
export function taskContext({ uris, attemptKey, runId }: TaskFixtureOptions): TaskFixture {
  const abort = new AbortController();
  const opened = new Map<string, Promise<AsyncDisposable>>();
  const lines: LogLine[] = [];
  const log =
    (level: LogLine["level"]) =>
    (message: string, fields?: object): void =>
      void lines.push({ level, message, fields });
  const open = <H>(ref: ConnectionRef<H>): Promise<H> => {
    const uri = uris[ref.connectionId];
    if (uri === undefined) return Promise.reject(new Error(`no uri for ${ref.connectionId}`));
    const hook = opened.get(ref.connectionId) ?? ref.open(uri, abort.signal);
    opened.set(ref.connectionId, hook as Promise<AsyncDisposable>);
    return hook as Promise<H>;
  };
  const now = new Date("2024-05-02T00:00:00Z");
  const ctx: TaskContext = {
    open,
    transaction: async <H extends Transactional<MarkerTransaction>, T>(
      ref: ConnectionRef<H>,
      _name: string,
      fn: (tx: TransactionOf<H>) => Promise<T>,
    ): Promise<T> => (await open(ref)).transaction((tx) => fn(tx as TransactionOf<H>)),
    state: { get: () => Promise.resolve(undefined), set: () => undefined },
    dagId: "test_dag",
    runId: runId ?? "manual__2024-05-02T00:00:00Z",
    taskId: "test_task",
    mapIndex: -1,
    tryNumber: 1,
    attemptKey: attemptKey ?? `a${randomBytes(6).toString("hex")}`,
    dataInterval: { start: new Date("2024-05-01T00:00:00Z"), end: now },
    logicalDate: new Date("2024-05-01T00:00:00Z"),
    runType: "manual",
    params: undefined,
    inputs: undefined,
    signal: abort.signal,
    log: { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") },
  };
  const close = async (): Promise<void> => {
    for (const hook of opened.values()) {
      await hook.then((live) => live[Symbol.asyncDispose]()).catch(() => undefined);
    }
  };
  return { ctx, lines, abort, [Symbol.asyncDispose]: close };
}
