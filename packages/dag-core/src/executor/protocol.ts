import type { ImportFailure, LoadedDag } from "./executor.ts";
import type { HandOffId, LogLine, Outcome, StartedHandOff } from "./hand-off.ts";

/** What a runner is told. Messages travel in batches, in order, as JSON: measured faster here than structured clones. */
export type ToRunner =
  | {
      readonly type: "load";
      readonly folder: string;
      /** Relative to the folder. */
      readonly files: readonly string[];
      readonly importTimeoutMs: number;
      readonly installationId: string;
      /** Time between an abort and the verdict on an attempt that does not end. */
      readonly graceMs: number;
      readonly outputLimitBytes?: number;
    }
  | { readonly type: "run"; readonly handOff: StartedHandOff }
  | { readonly type: "stop"; readonly id: HandOffId }
  | { readonly type: "ping" }
  | {
      readonly type: "state";
      readonly request: number;
      readonly json?: string;
      /** Why it could not be read. */
      readonly problem?: string;
    };

/** What a runner tells of itself. */
export type RunnerNews =
  /** Sent, and known to be sent, before the import, so that a hang or a death has a name. */
  | { readonly type: "importing"; readonly file: string }
  | { readonly type: "imported"; readonly dag: LoadedDag }
  | {
      readonly type: "import_failed";
      readonly failure: ImportFailure;
      /** It waited for what did not come, and would again. */
      readonly isHang: boolean;
    }
  | { readonly type: "ready" }
  | { readonly type: "pong" };

/** What a runner tells of an attempt. Times are milliseconds since 1970. */
export type AttemptNews =
  | { readonly type: "started"; readonly id: HandOffId; readonly at: number }
  /** Its timeout runs: sent, and on its way, before its code, which may block. */
  | { readonly type: "timed"; readonly id: HandOffId }
  | {
      readonly type: "finished";
      readonly id: HandOffId;
      readonly outcome: Outcome;
      readonly at: number;
      /** Its function did not return after the abort: this process has to end. */
      readonly stillRuns: boolean;
    }
  | { readonly type: "logged"; readonly id: HandOffId; readonly lines: readonly LogLine[] }
  | {
      readonly type: "read_state";
      readonly id: HandOffId;
      readonly request: number;
      readonly key: string;
    };

export type FromRunner = RunnerNews | AttemptNews;

/** For how long a message that nobody waits for may wait for others. */
const idleMs = 5;

/** Collects the messages of one turn of the event loop and sends them as one. */
export class Outbox<M> {
  readonly #send: (batch: readonly M[], sent: () => void) => void;
  #batch: M[] = [];
  #isScheduled = false;
  #later: NodeJS.Timeout | undefined;

  constructor(send: (batch: readonly M[], sent: () => void) => void) {
    this.#send = send;
  }

  push(message: M): void {
    this.#batch.push(message);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => void this.flush());
  }

  /** The same for a message that nobody waits for: it goes with the next one that somebody does, or a little later. */
  add(message: M): void {
    this.#batch.push(message);
    if (!this.#isScheduled) this.#later ??= setTimeout(() => void this.flush(), idleMs);
  }

  /** Sends what there is now; fulfilled when it has left this process, or never will. */
  flush(): Promise<void> {
    this.#isScheduled = false;
    clearTimeout(this.#later);
    this.#later = undefined;
    const batch = this.#batch;
    if (batch.length === 0) return Promise.resolve();
    this.#batch = [];
    return new Promise((resolve) => this.#send(batch, resolve));
  }
}
