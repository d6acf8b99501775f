import type { EngineEvent, EventBus } from "../kernel/events.ts";
import type { Redactor } from "../kernel/redact.ts";
import type { Database } from "../store/database.ts";
import { schedulerFailureInsert } from "../store/failure.ts";

export interface FailureRecordOptions {
  readonly database: Database;
  readonly bus: EventBus;
  readonly redactor: Redactor;
  /** In whose name: `scheduler 12`. */
  readonly actor: () => string;
  /** Time in which the same message is stored once, in milliseconds. Defaults to 10,000. */
  readonly everyMs?: number;
}

/** Different messages that are stored within that time. */
const mostMessages = 50;

/** Stores what fails in a scheduler, so that those who look at the database learn of it. */
export class FailureRecord {
  readonly #options: FailureRecordOptions;
  readonly #storedAt = new Map<string, number>();
  readonly #writing = new Set<Promise<void>>();
  #unsubscribe: (() => void) | undefined;

  constructor(options: FailureRecordOptions) {
    this.#options = options;
  }

  start(): void {
    this.#unsubscribe = this.#options.bus.on("scheduler.tick_failed", (event) => {
      this.#note(event);
    });
  }

  async stop(): Promise<void> {
    this.#unsubscribe?.();
    await Promise.all(this.#writing);
  }

  #note(event: EngineEvent<"scheduler.tick_failed">): void {
    const error = this.#options.redactor.redact(event.error ?? "an unknown error");
    if (!this.#isDue(error)) return;
    const writing = this.#store(event, error).finally(() => this.#writing.delete(writing));
    this.#writing.add(writing);
  }

  #isDue(error: string): boolean {
    const { everyMs = 10_000 } = this.#options;
    const now = performance.now();
    for (const [message, at] of this.#storedAt) {
      if (now - at >= everyMs) this.#storedAt.delete(message);
    }
    if (this.#storedAt.has(error) || this.#storedAt.size >= mostMessages) return false;
    this.#storedAt.set(error, now);
    return true;
  }

  /** A database that does not take it is told of in the log, and the message is due again. */
  async #store(
    { dagId, dagRunId }: EngineEvent<"scheduler.tick_failed">,
    error: string,
  ): Promise<void> {
    const { database, actor } = this.#options;
    try {
      await schedulerFailureInsert(database, { actor: actor(), error, dagId, dagRunId });
    } catch {
      this.#storedAt.delete(error);
    }
  }
}
