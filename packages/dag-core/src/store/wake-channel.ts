import { toError } from "../kernel/errors.ts";
import type { Database } from "./database.ts";

export interface WakeChannelOptions {
  readonly database: Database;
  /** Somebody left work. `"cancel"` asks to look at the attempts that are running. */
  readonly onWake: (payload: string) => void;
  readonly onLost: (error: Error) => void;
  readonly onRecovered: () => void;
}

type Client = Awaited<ReturnType<Database["connect"]>>;

const channel = "tidemill_wake";
const coalesceMs = 10;
const reconnectMs = 1_000;

/**
 * Wakes the other processes of an installation, outside of any writing transaction and at most once in 10 ms. A wake-up
 * may be lost: whoever listens also looks by itself.
 */
export class WakeChannel {
  readonly #options: WakeChannelOptions;
  #client: Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: WakeChannelOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const client = await this.#options.database.connect();
    client.on("notification", ({ payload }) => this.#options.onWake(payload ?? ""));
    client.on("error", (error) => this.#lose(error));
    client.on("end", () => this.#lose(new Error("Connection terminated")));
    await client.query(`listen ${channel}`);
    this.#client = client;
  }

  /** Tells the others, soon. */
  notify(): void {
    if (this.#timer || this.#isStopped) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#client?.query("select pg_notify($1, '')", [channel]).catch(() => {});
    }, coalesceMs);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    const client = this.#client;
    this.#client = undefined;
    await client?.end();
  }

  #lose(error: Error): void {
    if (this.#isStopped || !this.#client) return;
    this.#client = undefined;
    this.#options.onLost(error);
    this.#reconnect();
  }

  #reconnect(): void {
    setTimeout(() => {
      if (this.#isStopped) return;
      this.start().then(this.#options.onRecovered, (error: unknown) => {
        this.#options.onLost(toError(error));
        this.#reconnect();
      });
    }, reconnectMs).unref();
  }
}
