import type { Duration } from "../kernel/duration.ts";
import type { JsonShape, JsonValue } from "../kernel/json.ts";
import type {
  ConnectionRef,
  MarkerTransaction,
  Transactional,
  TransactionOf,
} from "./connection.ts";

/** A half-open span of time `[start, end)`. */
export interface DataInterval {
  readonly start: Date;
  readonly end: Date;
}

/** Lines go to the run log; `fields` are stored as JSON. Secrets are redacted on the way. */
export interface TaskLog {
  debug(message: string, fields?: object): void;
  info(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  error(message: string, fields?: object): void;
}

/** A cursor of a task across runs; what was `set` is stored when the task succeeds. */
export interface TaskState {
  get<T>(key: string): Promise<T | undefined>;
  set<T>(key: string, value: T & JsonShape<T>): void;
}

/** What goes with an event that is sent. */
export interface SendEventOptions<T = unknown> {
  /** What the tasks that wait for it put out. Defaults to `null`. */
  readonly payload?: T & JsonShape<T>;
  /** Of two events of a name with one key the second is dropped, as long as the first is kept. */
  readonly key?: string;
  /** How long it is kept for waits that begin later. Defaults to `"7d"`. */
  readonly ttl?: Duration;
}

/** An update of an asset that a run was made for. */
export interface AssetEvent {
  readonly asset: string;
  readonly at: Date;
  /** What came with an update from outside; null for that of a task. */
  readonly payload: JsonValue;
  /** The task that made it; absent for an update from outside. */
  readonly producer?: {
    readonly dagId: string;
    readonly runId: string;
    readonly taskId: string;
    readonly dataInterval: DataInterval;
  };
}

/** What a task is given: its run, its interval, its inputs, and the ways to act. */
export interface TaskContext<P = unknown, V = unknown> {
  /** Opens a connection for the length of this attempt; closed by the engine. */
  open<H>(connection: ConnectionRef<H>): Promise<H>;
  /**
   * Runs `fn` in one transaction of a Postgres connection, once per clear of this task instance and `name`:
   * a retry after a commit gets the stored result. The hook decides the type of the transaction.
   */
  transaction<H extends Transactional<MarkerTransaction>, T>(
    connection: ConnectionRef<H>,
    name: string,
    fn: (tx: TransactionOf<H>) => Promise<T & JsonShape<T>>,
  ): Promise<T>;
  readonly state: TaskState;
  /** Sends an event when the task succeeds, once until it is cleared. */
  sendEvent<T = null>(name: string, options?: SendEventOptions<T>): void;
  readonly dagId: string;
  readonly runId: string;
  readonly taskId: string;
  /** Index of a mapped instance; -1 for a task that is not mapped. */
  readonly mapIndex: number;
  /** 1 for the first try. */
  readonly tryNumber: number;
  /** Identifies this try among all tries of all time; safe in file and table names (`[a-z0-9_]`). */
  readonly attemptKey: string;
  /** Identifies this task instance until it is cleared: the same for each of its tries, safe as `attemptKey` is. */
  readonly instanceKey: string;
  /** The interval that the run is about; for a manual run without one, the last complete interval. */
  readonly dataInterval: DataInterval;
  /**
   * The intervals that the run covers, in order: one, but for a run of a backfill in batches. They are contiguous and
   * `dataInterval` is their span.
   */
  readonly intervals: readonly DataInterval[];
  /** Always `dataInterval.start`. */
  readonly logicalDate: Date;
  /** `scheduled`, `manual`, `backfill` or `asset_triggered`. */
  readonly runType: string;
  /** The updates that an `asset_triggered` run was made for, oldest first, the newest thousand; else none. */
  readonly assetEvents: readonly AssetEvent[];
  readonly params: P;
  readonly inputs: V;
  /** Aborted at the task's timeout, at a cancel, and when the process stops. */
  readonly signal: AbortSignal;
  readonly log: TaskLog;
  /**
   * The text with every secret that the engine knows replaced by `***`: for what a task writes to tables, files or
   * messages of its own. Logs, errors and outputs are masked without it.
   *
   * @example ctx.redact(error.message)
   */
  redact(text: string): string;
}
