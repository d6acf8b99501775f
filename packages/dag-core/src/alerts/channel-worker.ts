import { toError } from "../kernel/errors.ts";
import type { Claim, ClaimOptions } from "../store/alert.ts";
import { deliver, type DeliveryServices } from "./delivery.ts";
import { type PaceLimits, paceOf } from "./pace.ts";

export interface ChannelWorkerOptions extends DeliveryServices {
  /** Opens deliveries for new alerts. */
  readonly route: () => Promise<unknown>;
  readonly limits: PaceLimits;
  readonly pollMs: number;
  readonly graceMs: number;
  readonly leaseMs: number;
}

/** Most alerts that one message tells of. */
const mostAlerts = 1_000;
/** When more topics are due in a chat, one message tells of all. */
const mostTopics = 3;
const longestTroubleMs = 30_000;
const anyNumber = 1_000_000;

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
    const waitMs = Math.ceil(this.#pausedUntil - performance.now());
    if (performance.now() + waitMs > this.#endsAt) return undefined;
    if (waitMs > 0) return waitMs;
    // A round that began before the stop may have missed what was raised meanwhile; another one looks again.
    const isDraining = this.#isDraining;
    const claim = await this.#claim(this.#claimOptions(isDraining));
    this.#troubles = 0;
    if (claim.waitMs > 0) this.#pausedUntil = performance.now() + claim.waitMs;
    if (claim.deliveries.length > 0) {
      const pauseMs = await deliver(this.#options, claim.deliveries, this.#abort.signal);
      this.#pausedUntil = performance.now() + pauseMs;
    } else if (claim.waitMs === 0) return isDraining ? undefined : this.#options.pollMs;
    return 0;
  }

  /** One question while there is nothing to do. */
  async #claim(options: ClaimOptions): Promise<Claim> {
    const { route, store } = this.#options;
    if (!(await store.hasWork(options))) return { deliveries: [], waitMs: 0 };
    await route();
    return store.claim(options);
  }

  #claimOptions(isDraining: boolean): ClaimOptions {
    const { channel, leaseMs, graceMs, limits } = this.#options;
    return {
      channel: channel.name,
      leaseMs,
      most: channel.isKeyed ? 1 : mostAlerts,
      ...(isDraining && { aheadMs: graceMs }),
      ...(channel.isKeyed && { mostUnanswered: anyNumber }),
      ...(channel.chat !== undefined && { mostTopics, pace: paceOf(channel.chat, limits) }),
    };
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
    if (this.#isWoken && this.#pausedUntil <= performance.now()) {
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
