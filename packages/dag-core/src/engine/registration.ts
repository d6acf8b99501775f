import type { LoadedDags } from "../executor/executor.ts";
import { toError } from "../kernel/errors.ts";
import type { EventBus } from "../kernel/events.ts";
import { registerDags } from "../scheduler/register-dags.ts";
import type { Database } from "../store/database.ts";
import { isTransient } from "../store/transient-errors.ts";
import { taskInstanceOfferAgain, type UnloadedOptions } from "../store/unloaded-tasks.ts";

export interface RegistrationOptions {
  readonly database: Database;
  readonly bus: EventBus;
  /** A worker stores nothing; a scheduler says what there is. */
  readonly role: "scheduler" | "worker";
  readonly pausedAtCreation: boolean;
  readonly onRegistered: () => void;
}

const retryMs = 1_000;

/** Stores the DAGs that were loaded last, and again when what they stand on has changed. */
export class Registration {
  readonly #options: RegistrationOptions;
  #last: LoadedDags | undefined;
  #under: Promise<void> = Promise.resolve();
  #hasRefused = false;
  #isStopped = false;

  constructor(options: RegistrationOptions) {
    this.#options = options;
  }

  /** @returns what is at work: the DAGs that were registered, and why the others were not */
  async register(loaded: LoadedDags): Promise<LoadedDags> {
    this.#last = loaded;
    const { database, bus, role, pausedAtCreation } = this.#options;
    const isScheduler = role === "scheduler";
    const known = isScheduler
      ? await registerDags(database, { ...loaded, pausedAtCreation })
      : loaded;
    await taskInstanceOfferAgain(database, tasksOf(known));
    this.#hasRefused = known.dags.length < loaded.dags.length;
    for (const { file, message } of known.failures) {
      bus.emit("dag.import_failed", { file, error: message });
    }
    for (const { manifest, hash } of isScheduler ? known.dags : []) {
      bus.emit("dag.registered", { dagId: manifest.dagId, versionHash: hash });
    }
    return known;
  }

  /** New code is at work already; a database that is away must learn of it when it is back. */
  renew(loaded: LoadedDags): void {
    this.#last = loaded;
    this.#enqueue();
  }

  /** Pools were changed: what was refused because of them may be right now. No pool is made too small for the rest. */
  poolsChanged(): void {
    if (this.#hasRefused) this.#enqueue();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#under;
  }

  /** One at a time, so that what was loaded last is what stays. */
  #enqueue(): void {
    this.#under = this.#under.then(() => this.#again());
  }

  async #again(): Promise<void> {
    while (!this.#isStopped && this.#last) {
      try {
        await this.register(this.#last);
        return this.#options.onRegistered();
      } catch (error) {
        this.#options.bus.emit("scheduler.tick_failed", { error: toError(error).message });
        if (!isTransient(error)) return;
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
  }
}

function tasksOf({ dags }: LoadedDags): UnloadedOptions {
  const sensors = dags.flatMap(({ manifest: { dagId, tasks } }) =>
    tasks.filter(({ kind }) => kind === "sensor").map(({ taskId }) => ({ dagId, taskId })),
  );
  return { dagIds: dags.map(({ manifest }) => manifest.dagId), sensors };
}
