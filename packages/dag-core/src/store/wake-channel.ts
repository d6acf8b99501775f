import { toError } from "../kernel/errors.ts";
import type { Database } from "./database.ts";

export interface WakeChannelOptions {
  readonly database: Database;
  /** Somebody left work. `"ready"`: tasks to claim; `"backfill"`: tasks to claim, all of backfills; `"queued"`: runs to start; `"cancel"` asks to look at the attempts that are running, `"pools"` says that they changed. */
  readonly onWake: (payload: string) => void;
  readonly onLost: (error: Error) => void;
  readonly onRecovered: () => void;
  /** Time between two questions whether the other side is still there. Defaults to 10 s. */
  readonly probeMs?: number;
}

type Client = Awaited<ReturnType<Database["connect"]>>;

const channel = "tidemill_wake";
const coalesceMs = 10;
const reconnectMs = 1_000;
const defaultProbeMs = 10_000;

/**
 * Wakes the other processes of an installation, outside of any writing transaction and at most once in 10 ms. A wake-up
 * may be lost: whoever listens also looks by itself.
 */
export class WakeChannel {
  readonly #options: WakeChannelOptions;
  #client: Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #probe: NodeJS.Timeout | undefined;
  readonly #payloads = new Set<string>();
  #isStopped = false;

  constructor(options: WakeChannelOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const client = await this.#options.database.connect();
    client.on("notification", ({ payload }) => this.#options.onWake(payload ?? ""));
    client.on("error", (error) => this.#lose(error));
    client.on("end", () => this.#lose(new Error("Connection terminated")));
    try {
      await client.query(`listen ${channel}`);
    } catch (error) {
      await client.end();
      throw error;
    }
    if (this.#isStopped) return client.end();
    this.#client = client;
    const { probeMs = defaultProbeMs } = this.#options;
    this.#probe = setInterval(() => void this.#ask(client, probeMs), probeMs).unref();
  }

  /** A connection that only listens never learns by itself that the other side is gone. */
  async #ask(client: Client, answerMs: number): Promise<void> {
    const silent = () => this.#lose(new Error("The connection that listens does not answer"));
    const late = setTimeout(silent, answerMs / 2).unref();
    await client.query("select 1").catch(() => {});
    clearTimeout(late);
  }

  /** Tells the others, soon. `"ready"` and `"backfill"` say that tasks can be claimed and nothing else is new. */
  notify(payload: "" | "ready" | "backfill" = ""): void {
    if (this.#isStopped) return;
    this.#payloads.add(payload);
    this.#timer ??= setTimeout(() => this.#send(), coalesceMs);
  }

  #send(): void {
    this.#timer = undefined;
    for (const payload of this.#payloads) {
      this.#client?.query("select pg_notify($1, $2)", [channel, payload]).catch(() => {});
    }
    this.#payloads.clear();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    clearInterval(this.#probe);
    const client = this.#client;
    this.#client = undefined;
    await client?.end();
  }

  #lose(error: Error): void {
    const client = this.#client;
    if (this.#isStopped || !client) return;
    this.#client = undefined;
    clearInterval(this.#probe);
    client.end().catch(() => {});
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
