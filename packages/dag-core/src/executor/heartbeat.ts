import { Worker } from "node:worker_threads";
import { settledWithin } from "../context/settled-within.ts";
import type { HeartbeatData } from "./heartbeat-thread.ts";

export interface HeartbeatOptions extends HeartbeatData {
  /** The lease could not be renewed, or somebody declared this process lost. */
  readonly onLost: () => void;
}

const stopMs = 1_000;
const entry = new URL(
  import.meta.url.endsWith(".ts") ? "./heartbeat-thread.ts" : "./heartbeat-thread.js",
  import.meta.url,
);

/** Renews the lease of this process from a thread of its own, so that a busy event loop is not a death. */
export class Heartbeat {
  readonly #worker: Worker;
  readonly #ended: Promise<void>;

  constructor({ onLost, ...data }: HeartbeatOptions) {
    this.#worker = new Worker(entry, { workerData: data });
    this.#worker.unref();
    this.#ended = new Promise((resolve) => this.#worker.once("exit", () => resolve()));
    this.#worker.on("message", onLost);
    this.#worker.on("error", onLost);
  }

  /** A thread whose connection does not answer is ended all the same. */
  async stop(): Promise<void> {
    this.#worker.removeAllListeners("message");
    this.#worker.postMessage("stop");
    await settledWithin(this.#ended, stopMs);
    await this.#worker.terminate();
  }
}
