import { Worker } from "node:worker_threads";
import type { HeartbeatData } from "./heartbeat-thread.ts";

export interface HeartbeatOptions extends HeartbeatData {
  /** The lease could not be renewed, or somebody declared this process lost. */
  readonly onLost: () => void;
}

const entry = new URL(
  import.meta.url.endsWith(".ts") ? "./heartbeat-thread.ts" : "./heartbeat-thread.js",
  import.meta.url,
);

/** Renews the lease of this process from a thread of its own, so that a busy event loop is not a death. */
export class Heartbeat {
  readonly #worker: Worker;

  constructor({ onLost, ...data }: HeartbeatOptions) {
    this.#worker = new Worker(entry, { workerData: data });
    this.#worker.unref();
    this.#worker.on("message", onLost);
    this.#worker.on("error", onLost);
  }

  async stop(): Promise<void> {
    const ended = new Promise<void>((resolve) => this.#worker.once("exit", () => resolve()));
    this.#worker.postMessage("stop");
    await ended;
  }
}
