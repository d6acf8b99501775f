import type { EventBus } from "../kernel/events.ts";
import { toError } from "../kernel/errors.ts";
import type { AttemptError } from "../definition/outcome.ts";
import type { FinishReport } from "../scheduler/hop.ts";
import { isTransient } from "../store/transient-errors.ts";
import { ResultStream } from "./result-stream.ts";

export interface CompletionsOptions {
  readonly bus: EventBus;
  /** Whether attempts run whose reports may come soon. */
  readonly mayCome: () => boolean;
  /** Commits a batch in one transaction. */
  readonly commit: (batch: readonly FinishReport[]) => Promise<void>;
  /** Stores that an attempt failed, and nothing of what follows from it. */
  readonly fail: (report: FinishReport, error: AttemptError) => Promise<void>;
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
  readonly #stream = new ResultStream();
  #queue: FinishReport[] = [];
  #committing: Promise<void> | undefined;

  constructor(options: CompletionsOptions) {
    this.#options = options;
  }

  add(report: FinishReport): void {
    this.#queue.push(report);
    if (!this.#options.mayCome()) this.#stream.dry();
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
      if (this.#options.mayCome()) await this.#stream.gather();
      const batch = this.#queue.slice(0, maxBatch);
      this.#stream.took(batch.length);
      await this.#store(batch);
      this.#queue = this.#queue.slice(batch.length);
    }
  }

  async #store(batch: readonly FinishReport[]): Promise<void> {
    try {
      await this.#patiently(() => this.#options.commit(batch));
    } catch (error) {
      await this.#divide(batch, toError(error));
    }
  }

  async #patiently(write: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await write();
      } catch (error) {
        if (!isTransient(error)) throw error;
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
    if (only) await this.#storeRefused(only, { class: error.name, message: error.message });
  }

  /** Its end cannot be stored: it has failed. Where not even that can be stored with what follows, it fails alone. */
  async #storeRefused(report: FinishReport, error: AttemptError): Promise<void> {
    const { commit, fail } = this.#options;
    const outcome = { kind: "failed", reason: "serialization", error, retry: "never" } as const;
    try {
      await this.#patiently(() => commit([{ ...report, outcome }]));
    } catch (refusal) {
      this.#told(refusal);
      // Refused once more, its lease stays, and the reconciler gives the task instance back.
      await this.#patiently(() => fail(report, error)).catch((again) => this.#told(again));
    }
  }

  #told(error: unknown): void {
    this.#options.bus.emit("scheduler.tick_failed", { error: toError(error).message });
  }
}
