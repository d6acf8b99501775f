import { toError } from "../kernel/errors.ts";
import type { ClaimOptions } from "../store/alert.ts";
import { deliver, type DeliveryServices } from "./delivery.ts";
import { longestWindowMs, sendDelayMs, type PastSend } from "./policy.ts";

export interface ChannelWorkerOptions extends Omit<DeliveryServices, "onSend"> {
  /** Opens deliveries for new alerts. */
  readonly route: () => Promise<unknown>;
  /** The messages of all channels, for the limits that they share. */
  readonly sends: PastSend[];
  readonly pollMs: number;
  readonly graceMs: number;
  readonly leaseMs: number;
}

/** Most alerts that one message tells of. */
const mostAlerts = 50;
const longestTroubleMs = 30_000;

/** Brings the alerts of one channel on their way, one message after the other. */
export class ChannelWorker {
  readonly #options: ChannelWorkerOptions;
  readonly #abort = new AbortController();
  #running: Promise<void> | undefined;
  #isDraining = false;
  #endsAt = Number.POSITIVE_INFINITY;
  #isWoken = false;
  #wakeUp: () => void = () => {};
  #pausedUntil = 0;
  #troubles = 0;

  constructor(options: ChannelWorkerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#loop();
  }

  /** Looks for work now. */
  wake(): void {
    this.#isWoken = true;
    this.#wakeUp();
  }

  /** Sends what waits, for at most `drainMs`, and ends. */
  async stop(drainMs: number): Promise<void> {
    this.#isDraining = true;
    this.#endsAt = performance.now() + drainMs;
    this.wake();
    const deadline = setTimeout(() => this.#abandon(), drainMs);
    await this.#running;
    clearTimeout(deadline);
  }

  #abandon(): void {
    this.#abort.abort(new Error("The sender was stopped"));
    this.wake();
  }

  async #loop(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      const delayMs = await this.#round().catch((error: unknown) => this.#trouble(error));
      if (delayMs === undefined) return;
      if (delayMs > 0) await this.#sleep(delayMs);
    }
  }

  /** Sends one message if one is due; answers how long to wait, or nothing when it is done for good. */
  async #round(): Promise<number | undefined> {
    const waitMs = this.#waitMs();
    if (performance.now() + waitMs > this.#endsAt) return undefined;
    if (waitMs > 0) return waitMs;
    const { route, store, channel, leaseMs, graceMs, pollMs } = this.#options;
    // A round that began before the stop may have missed what was raised meanwhile; another one looks again.
    const isDraining = this.#isDraining;
    await route();
    const ahead = isDraining ? { aheadMs: graceMs } : {};
    const claim: ClaimOptions = { channel: channel.name, leaseMs, most: mostAlerts, ...ahead };
    const deliveries = await store.claim(claim);
    this.#troubles = 0;
    if (deliveries.length === 0) return isDraining ? undefined : pollMs;
    const onSend = (): void => this.#remember();
    const services: DeliveryServices = { ...this.#options, onSend };
    const pauseMs = await deliver(services, deliveries, this.#abort.signal);
    this.#pausedUntil = performance.now() + pauseMs;
    return 0;
  }

  #waitMs(): number {
    const { channel, sends } = this.#options;
    const now = performance.now();
    const pace = channel.chat === undefined ? 0 : sendDelayMs(sends, channel.chat, now);
    return Math.ceil(Math.max(pace, this.#pausedUntil - now));
  }

  #remember(): void {
    const { channel, sends } = this.#options;
    if (channel.chat === undefined) return;
    const at = performance.now();
    const recent = sends.findIndex((send) => send.at > at - longestWindowMs);
    sends.splice(0, recent < 0 ? sends.length : recent);
    sends.push({ chat: channel.chat, at });
  }

  /** The database is away, or worse: say so and try again, less and less often. */
  #trouble(error: unknown): number | undefined {
    const { bus, pollMs, redactor } = this.#options;
    bus.emit("sender.round_failed", { error: redactor.redact(toError(error).message) });
    if (this.#isDraining) return undefined;
    this.#troubles += 1;
    return Math.min(longestTroubleMs, pollMs * 2 ** this.#troubles);
  }

  /** A wake-up ends the sleep, one that came just before it too; the limits are asked again either way. */
  #sleep(delayMs: number): Promise<void> {
    if (this.#isWoken && this.#waitMs() <= 0) {
      this.#isWoken = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wakeUp(), delayMs);
      this.#wakeUp = () => {
        clearTimeout(timer);
        this.#wakeUp = () => {};
        this.#isWoken = false;
        resolve();
      };
    });
  }
}
