import type { EventBus } from "../kernel/events.ts";
import type { Redactor } from "../kernel/redact.ts";
import type { AlertStore } from "../store/alert.ts";
import { ChannelWorker } from "./channel-worker.ts";
import { type PaceLimits, telegramLimits } from "./pace.ts";
import { deliveriesOf, type Routing } from "./routing.ts";

export interface AlertSenderOptions {
  readonly store: AlertStore;
  readonly routing: Routing;
  readonly bus: EventBus;
  readonly redactor: Redactor;
  /** How long an alert waits for others of its topic, in milliseconds. Defaults to 2,000. */
  readonly graceMs?: number;
  /** Time after a failure in which the next of its DAG joins its message, in milliseconds. Defaults to 30,000. */
  readonly windowMs?: number;
  /** Time after which an error that goes on is told again, in milliseconds. Defaults to 6 h. */
  readonly repeatMs?: number;
  /** Limits on messages to chats. Defaults to Telegram's. */
  readonly limits?: PaceLimits;
  /** How often to look without having been woken, in milliseconds. Defaults to 1,000. */
  readonly pollMs?: number;
  /** After how long a send without a record counts as unanswered, in milliseconds. Defaults to 60,000. */
  readonly leaseMs?: number;
}

const defaults = {
  graceMs: 2_000,
  windowMs: 30_000,
  repeatMs: 6 * 3_600_000,
  limits: telegramLimits,
  pollMs: 1_000,
  leaseMs: 60_000,
};

export interface StopSenderOptions {
  /** How long to go on sending what waits, in milliseconds. Defaults to 5,000. */
  readonly drainMs?: number;
}

/**
 * Delivers the alerts of a database. Any number of senders may run at once; a message goes out
 * once, but for one that was sent and whose answer never came, which may come twice.
 *
 * @example
 * const sender = new AlertSender({ store: alertStore(database), routing, bus, redactor });
 * sender.start();
 * await sender.stop();
 */
export class AlertSender {
  readonly #workers: readonly ChannelWorker[];
  #stopped: Promise<void> | undefined;

  constructor(options: AlertSenderOptions) {
    const { store, routing, ...given } = options;
    const settings = { ...defaults, ...given };
    const { graceMs } = settings;
    const route = (): Promise<number> =>
      store.route((alert, mutes) => deliveriesOf(alert, mutes, { routing, graceMs }));
    this.#workers = routing.channels.map(
      (channel) => new ChannelWorker({ ...settings, store, channel, route }),
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
