import type { Dispatcher } from "../executor/dispatcher.ts";
import { toError } from "../kernel/errors.ts";
import type { EventBus } from "../kernel/events.ts";
import { dagRunOfProcess } from "../store/dag-run.ts";
import type { Database } from "../store/database.ts";
import type { ProcessLease } from "./process-lease.ts";

export interface ReconcilerOptions {
  readonly database: Database;
  readonly dispatcher: Dispatcher;
  readonly lease: ProcessLease;
  readonly bus: EventBus;
  readonly everyMs: number;
}

/**
 * Compares what this process carries with what the database says it runs. An attempt whose lease was taken away
 * (cancelled, cleared) is aborted; a task instance that nobody carries (its hand-over was lost) is given back.
 */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #isAskedAgain = false;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => void this.look(), this.#options.everyMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Looks now, or once more after the look that is under way. */
  look(): Promise<void> {
    this.#isAskedAgain = this.#looking !== undefined;
    this.#looking ??= this.#look()
      .catch((error: unknown) => {
        this.#options.bus.emit("scheduler.tick_failed", { error: toError(error).message });
      })
      .finally(() => {
        this.#looking = undefined;
        if (this.#isAskedAgain) void this.look();
      });
    return this.#looking;
  }

  async #look(): Promise<void> {
    const { database, dispatcher, lease } = this.#options;
    const carried = dispatcher.carried();
    const rows = await dagRunOfProcess(database, lease.processId);
    const valid = new Set(rows.map((row) => row.lease_token));
    const revoked = carried.filter((one) => !valid.has(one.carried.lease)).map((one) => one.id);
    for (const row of rows) {
      if (row.is_old) dispatcher.giveBack(row);
    }
    void dispatcher.abort(revoked);
  }
}
