import { hostname } from "node:os";
import { Heartbeat } from "../executor/heartbeat.ts";
import type { Database } from "../store/database.ts";
import { processEnd, processRegister } from "../store/process.ts";

export interface ProcessLeaseOptions {
  readonly database: Database;
  readonly kind: "scheduler" | "worker";
  readonly version: string;
  readonly capacity: number;
  readonly heartbeatMs: number;
  readonly leaseMs: number;
  /** The lease is gone: whatever runs under it must end. */
  readonly onLost: () => void;
}

/** The row by which others know that this process lives. */
export class ProcessLease {
  readonly #options: ProcessLeaseOptions;
  #processId = "";
  #heartbeat: Heartbeat | undefined;

  constructor(options: ProcessLeaseOptions) {
    this.#options = options;
  }

  get processId(): string {
    return this.#processId;
  }

  /** Registers this process, or after a loss registers it anew under another id. */
  async acquire(): Promise<string> {
    const { database, kind, version, capacity, heartbeatMs, leaseMs, onLost } = this.#options;
    this.#processId = await processRegister(database, {
      kind,
      host: hostname(),
      pid: process.pid,
      version,
      capacity,
    });
    const { url, schema } = database;
    this.#heartbeat = new Heartbeat({
      url,
      schema,
      processId: this.#processId,
      heartbeatMs,
      leaseMs,
      onLost,
    });
    return this.#processId;
  }

  async release(): Promise<void> {
    await this.drop();
    if (this.#processId !== "") await processEnd(this.#options.database, this.#processId);
  }

  async drop(): Promise<void> {
    await this.#heartbeat?.stop();
    this.#heartbeat = undefined;
  }
}
