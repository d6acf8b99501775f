import { toError } from "../kernel/errors.ts";
import type { EventBus } from "../kernel/events.ts";
import type { Store } from "../store/database.ts";
import { tickDue, type TickDueRow } from "../store/tick.ts";
import { isTransient } from "../store/transient-errors.ts";
import { nextDueAt, nextLookAt } from "./next-look.ts";
import { startQueued } from "./start-queued.ts";
import { noSchedules, tick, type Ticked, type TickOptions } from "./tick.ts";

export interface SchedulerOptions extends Omit<TickOptions, "now" | "looksForLost"> {
  readonly tickMs: number;
}

const longestBackOffMs = 5_000;
/** Ends of runs that follow closely are looked at together. */
const endsMs = 25;

/**
 * The loop around `tick`: wholly at least once in `tickMs` and when the next schedule comes due, at once when woken, never
 * two at a time.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  #timer: NodeJS.Timeout | undefined;
  #ticking: Promise<void> | undefined;
  #woken: "wholly" | "to start runs" | undefined;
  #lookedAt = -Infinity;
  /** When the next schedule comes due, as far as the last look knew. */
  #dueAt = Infinity;
  #isStopped = true;
  #failures = 0;
  #createsRuns: boolean;
  #lookedForLostAt = -Infinity;
  /** Whether the last tick left runs in the queue for want of slots. */
  #isShort = false;
  #hasFreed = false;
  /** Whether the last tick left runs in the queue until others end. */
  #isFull = false;
  #hasEnded = false;
  #endsTimer: NodeJS.Timeout | undefined;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#createsRuns = options.createsRuns;
  }

  start(): void {
    this.#isStopped = false;
    this.wake();
  }

  /** From now on creates the runs that schedules ask for. */
  startSchedules(): void {
    this.#createsRuns = true;
    this.wake();
  }

  /** Ticks now, or right after the tick that is under way. */
  wake(): void {
    this.#wake("wholly");
  }

  /** The same where a run was queued and nothing else is new: a look at the rest may wait for its time. */
  wakeToStartRuns(): void {
    this.#wake("to start runs");
  }

  #wake(how: "wholly" | "to start runs"): void {
    if (this.#isStopped) return;
    if (this.#woken !== "wholly") this.#woken = how;
    if (!this.#ticking && this.#failures === 0) this.#run();
  }

  /** Slots came back: ticks if runs wait for them. */
  slotsFreed(): void {
    this.#hasFreed = true;
    if (this.#isShort && !this.#ticking) this.wakeToStartRuns();
  }

  /** A run left its place, and others perhaps waited for its end: ticks at once, unless that was just done for another. */
  runEnded(): void {
    this.#hasEnded = true;
    if (this.#isFull && !this.#ticking) this.wakeToStartRuns();
    const delayMs = this.#lookedAt + endsMs - performance.now();
    if (delayMs <= 0) this.wake();
    else this.#endsTimer ??= setTimeout(() => this.wake(), delayMs).unref();
  }

  /** Ticks after a delay that is shorter than the time between two ticks: something wakes up then. */
  wakeIn(delayMs: number): void {
    if (delayMs < this.#options.tickMs) setTimeout(() => this.wake(), Math.max(0, delayMs)).unref();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#endsTimer);
    await this.#ticking;
  }

  #run(): void {
    clearTimeout(this.#timer);
    const isRecent = performance.now() < this.#nextLookAt(this.#lookedAt);
    const onlyStarts = this.#woken === "to start runs" && isRecent;
    this.#woken = undefined;
    this.#ticking = this.#once(onlyStarts).finally(() => {
      this.#ticking = undefined;
      this.#next();
    });
  }

  #next(): void {
    if (this.#isStopped) return;
    if (this.#woken && this.#failures === 0) return this.#run();
    const backOff = Math.min(longestBackOffMs, this.#options.tickMs * 2 ** this.#failures);
    const now = performance.now();
    const delayMs = this.#failures > 0 ? backOff : this.#nextLookAt(now) - now;
    this.#timer = setTimeout(() => this.#run(), Math.max(0, Math.ceil(delayMs)));
  }

  /** @param from what `tickMs` is counted from */
  #nextLookAt(from: number): number {
    const latest = from + this.#options.tickMs;
    return nextLookAt({ lookedAt: this.#lookedAt, dueAt: this.#dueAt, latest });
  }

  async #once(onlyStarts: boolean): Promise<void> {
    const startedAt = performance.now();
    this.#hasFreed = false;
    this.#hasEnded = false;
    try {
      const ticked = onlyStarts ? await this.#start() : await this.#look(startedAt);
      const { runsCreated, isShort, isFull, isCut } = ticked;
      this.#isShort = isShort;
      this.#isFull = isFull;
      const isOpen = (isShort && this.#hasFreed) || (isFull && this.#hasEnded);
      if (isCut || isOpen) this.#woken ??= "to start runs";
      this.#recovered();
      const durationMs = Math.round(performance.now() - startedAt);
      this.#bus.emit("scheduler.tick_finished", { durationMs, runsCreated });
    } catch (error) {
      this.#failed(toError(error));
    }
  }

  async #look(startedAt: number): Promise<Ticked> {
    // The one who declares a process lost rescues its attempts at once; this finds them if he dies in between.
    const looksForLost = startedAt - this.#lookedForLostAt >= this.#options.leaseMs;
    this.#lookedAt = startedAt;
    clearTimeout(this.#endsTimer);
    this.#endsTimer = undefined;
    const ticked = await this.#tick(looksForLost);
    if (looksForLost) this.#lookedForLostAt = startedAt;
    return ticked;
  }

  async #tick(looksForLost: boolean): Promise<Ticked> {
    const due = await tickDue(this.#database, this.#options.leaseMs);
    const reading = { now: due.now, readAt: performance.now() };
    const ticked = await this.#step(due, looksForLost);
    this.#dueAt = nextDueAt(reading, { kept: ticked.nextRunAfters, next: due.next_run_after });
    return ticked;
  }

  async #step(due: TickDueRow, looksForLost: boolean): Promise<Ticked> {
    const createsRuns = this.#createsRuns;
    const options = { ...this.#options, createsRuns, looksForLost, now: due.now };
    if (due.has_rest || looksForLost) return tick(options);
    return due.has_queued
      ? this.#start()
      : { ...noSchedules, isShort: false, isFull: false, isCut: false };
  }

  /** What a tick comes to when a run was triggered and nothing else is due. */
  async #start(): Promise<Ticked> {
    return { ...noSchedules, ...(await startQueued(this.#options, false)) };
  }

  #recovered(): void {
    if (this.#failures > 0) this.#bus.emit("database.recovered", {});
    this.#failures = 0;
  }

  #failed(error: Error): void {
    this.#failures += 1;
    const name = isTransient(error) ? "database.lost" : "scheduler.tick_failed";
    this.#bus.emit(name, { error: error.message });
  }

  get #bus(): EventBus {
    return this.#options.bus;
  }

  get #database(): Store {
    return this.#options.database;
  }
}
