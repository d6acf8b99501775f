import { Worker } from "node:worker_threads";
import { settledWithin } from "../context/settled-within.ts";
import type { HeartbeatData } from "./heartbeat-thread.ts";

export interface HeartbeatOptions extends HeartbeatData {
  /** The lease could not be renewed, or somebody declared this process lost. */
  readonly onLost: () => void;
}

const stopMs = 1_000;
/** A statement every few seconds leaves little behind. */
const resourceLimits = { maxYoungGenerationSizeMb: 2 };
const entry = new URL(
  import.meta.url.endsWith(".ts") ? "./heartbeat-thread.ts" : "./heartbeat-thread.js",
  import.meta.url,
);

/** Renews the lease of this process from a thread of its own, so that a busy event loop is not a death. */
export class Heartbeat {
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  readonly #first = Promise.withResolvers<void>();

  constructor({ onLost, ...data }: HeartbeatOptions) {
    this.#worker = new Worker(entry, { workerData: data, resourceLimits });
    this.#worker.unref();
    this.#ended = new Promise((resolve) => this.#worker.once("exit", () => resolve()));
    let isAlive = false;
    const lost = (error?: Error) => {
      this.#first.reject(error ?? new Error("The lease ended before its first heartbeat"));
      if (isAlive) onLost();
      isAlive = false;
    };
    this.#worker.on("message", (message: "alive" | "lost") => {
      if (message === "lost") return lost();
      isAlive = true;
      this.#first.resolve();
    });
    this.#worker.on("error", lost);
    this.#first.promise.catch(() => undefined);
  }

  /**
   * Resolves with the first heartbeat: on a busy machine the thread may take longer to start than a lease lasts, and
   * what is started under a lease that nobody renews is lost.
   *
   * @throws Error when the lease ended before
   */
  beating(): Promise<void> {
    return this.#first.promise;
  }

  /** A thread whose connection does not answer is ended all the same. */
  async stop(): Promise<void> {
    this.#worker.removeAllListeners("message");
    this.#first.reject(new Error("The heartbeat was stopped"));
    this.#worker.postMessage("stop");
    await settledWithin(this.#ended, stopMs);
    await this.#worker.terminate();
  }
}
