import type { EventBus } from "../kernel/events.ts";
import type { Redactor } from "../kernel/redact.ts";
import type { AlertStore } from "../store/alert.ts";
import { ChannelWorker } from "./channel-worker.ts";
import type { Channel } from "./channel.ts";
import type { PastSend } from "./policy.ts";

export interface AlertSenderOptions {
  readonly store: AlertStore;
  /** Every alert goes to each of these. */
  readonly channels: readonly Channel[];
  readonly bus: EventBus;
  readonly redactor: Redactor;
  /** How long an alert waits for others of its run, in milliseconds. Defaults to 2,000. */
  readonly graceMs?: number;
  /** How often to look without having been woken, in milliseconds. Defaults to 1,000. */
  readonly pollMs?: number;
  /** After how long a send without a record counts as unanswered, in milliseconds. Defaults to 60,000. */
  readonly leaseMs?: number;
}

export interface StopSenderOptions {
  /** How long to go on sending what waits, in milliseconds. Defaults to 5,000. */
  readonly drainMs?: number;
}

/**
 * Delivers the alerts of a database. Any number of senders may run at once; a message goes out
 * once, but for one that was sent and whose answer never came, which may come twice.
 *
 * @example
 * const sender = new AlertSender({ store: alertStore(database), channels, bus, redactor });
 * sender.start();
 * await sender.stop();
 */
export class AlertSender {
  readonly #workers: readonly ChannelWorker[];
  #stopped: Promise<void> | undefined;

  constructor(options: AlertSenderOptions) {
    const { store, channels, graceMs = 2_000, pollMs = 1_000, leaseMs = 60_000 } = options;
    const names = channels.map((channel) => channel.name);
    const route = (): Promise<number> => store.route(names, graceMs);
    const sends: PastSend[] = [];
    this.#workers = channels.map(
      (channel) =>
        new ChannelWorker({ ...options, channel, route, sends, graceMs, pollMs, leaseMs }),
    );
  }

  start(): void {
    for (const worker of this.#workers) worker.start();
  }

  /** Looks for work now, as after a transaction that wrote an alert. */
  wake(): void {
    for (const worker of this.#workers) worker.wake();
  }

  /** Sends what waits, within the drain time, and ends. What is left stays in the database. */
  stop({ drainMs = 5_000 }: StopSenderOptions = {}): Promise<void> {
    this.#stopped ??= Promise.all(this.#workers.map((worker) => worker.stop(drainMs))).then(
      () => undefined,
    );
    return this.#stopped;
  }
}
