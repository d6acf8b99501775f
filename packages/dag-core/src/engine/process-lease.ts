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

const maxAttempts = 3;

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

  /** Registers this process, or after a loss registers it anew under another id; with its first heartbeat it is its. */
  async acquire(): Promise<string> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#acquireOnce();
      } catch (error) {
        await this.drop();
        if (attempt === maxAttempts) throw error;
      }
    }
  }

  async #acquireOnce(): Promise<string> {
    const { database, kind, version, capacity, heartbeatMs, leaseMs, onLost } = this.#options;
    const facts = { kind, host: hostname(), pid: process.pid, version, capacity };
    const processId = await processRegister(database, facts);
    this.#processId = processId;
    const { url, schema } = database;
    const options = { url, schema, processId, heartbeatMs, leaseMs, onLost };
    this.#heartbeat = new Heartbeat(options);
    await this.#heartbeat.beating();
    return processId;
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
