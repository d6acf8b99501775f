import type { EventBus } from "../kernel/events.ts";
import { toError } from "../kernel/errors.ts";
import type { Outcome } from "../definition/outcome.ts";
import type { FinishReport } from "../scheduler/hop.ts";
import { isTransient } from "../store/transient-errors.ts";

export interface CompletionsOptions {
  readonly bus: EventBus;
  /** Commits a batch in one transaction. */
  readonly commit: (batch: readonly FinishReport[]) => Promise<void>;
  /** Called whenever the queue is empty again. */
  readonly onSettled: () => void;
}

const maxBatch = 500;
const retryDelayMs = 500;

/**
 * The attempts that ended and are not stored yet. While one batch is on its way the next one gathers. Nothing is given
 * up: a database that is away is waited for, and of a batch that it refuses only the culprit fails.
 */
export class Completions {
  readonly #options: CompletionsOptions;
  #queue: FinishReport[] = [];
  #committing: Promise<void> | undefined;

  constructor(options: CompletionsOptions) {
    this.#options = options;
  }

  add(report: FinishReport): void {
    this.#queue.push(report);
    this.#start();
  }

  holds(lease: string): boolean {
    return this.#queue.some((report) => report.lease === lease);
  }

  /** Resolves when everything that was added is stored. */
  async settled(): Promise<void> {
    while (this.#committing) await this.#committing;
  }

  #start(): void {
    if (this.#committing) return;
    this.#committing = this.#commitAll().finally(() => {
      this.#committing = undefined;
      if (this.#queue.length > 0) this.#start();
      else this.#options.onSettled();
    });
  }

  async #commitAll(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.slice(0, maxBatch);
      await this.#store(batch);
      this.#queue = this.#queue.slice(batch.length);
    }
  }

  async #store(batch: readonly FinishReport[]): Promise<void> {
    for (;;) {
      try {
        return await this.#options.commit(batch);
      } catch (error) {
        if (!isTransient(error)) return this.#divide(batch, toError(error));
        this.#options.bus.emit("database.lost", { error: toError(error).message });
        await new Promise((resolve) => setTimeout(resolve, retryDelayMs));
      }
    }
  }

  /** Halves a batch that the database refuses, until what it cannot store stands alone and fails by itself. */
  async #divide(batch: readonly FinishReport[], error: Error): Promise<void> {
    const middle = Math.ceil(batch.length / 2);
    if (batch.length > 1) {
      await this.#store(batch.slice(0, middle));
      return this.#store(batch.slice(middle));
    }
    const [only] = batch;
    if (only) await this.#storeRefused(only, error);
  }

  async #storeRefused(report: FinishReport, error: Error): Promise<void> {
    const outcome: Outcome = {
      kind: "failed",
      reason: "serialization",
      error: { class: error.name, message: error.message },
      retry: "never",
    };
    try {
      await this.#options.commit([{ ...report, outcome }]);
    } catch (again) {
      // Not even its failure can be stored; the lease stays, and the reconciler gives the task instance back.
      this.#options.bus.emit("scheduler.tick_failed", { error: toError(again).message });
    }
  }
}
