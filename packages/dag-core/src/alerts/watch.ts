import { setInterval } from "node:timers";
import { toError } from "../kernel/errors.ts";
import type { EventBus } from "../kernel/events.ts";
import { alertLateRuns, alertLostProcesses, alertSchedulerLag } from "../store/alert-raise.ts";
import type { Queryable } from "../store/database.ts";

export interface AlertWatchOptions {
  readonly database: Queryable;
  readonly bus: EventBus;
  /** How often to look, in milliseconds. Defaults to 5,000. */
  readonly everyMs?: number;
  /** How long a due run may be missing before an alert says so, in milliseconds; absent for never. */
  readonly lagMs?: number | undefined;
  /** Silence after which a process counts as lost, in milliseconds; absent to tell of none. */
  readonly lostAfterMs?: number | undefined;
  /** Called after an alert was raised. */
  readonly onRaised: () => void;
}

/** Raises the alerts that no transition gives rise to: that something has not happened in time. */
export class AlertWatch {
  readonly #options: AlertWatchOptions;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  constructor(options: AlertWatchOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#looking ??= this.look().finally(() => (this.#looking = undefined));
    }, this.#options.everyMs ?? 5_000);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  /** Looks now. A database that is away is told of by those who need it more. */
  async look(): Promise<void> {
    const { database, bus, lagMs, lostAfterMs, onRaised } = this.#options;
    try {
      let raised = await alertLateRuns(database);
      if (lagMs !== undefined) raised += await alertSchedulerLag(database, lagMs);
      if (lostAfterMs !== undefined) raised += await alertLostProcesses(database, lostAfterMs);
      if (raised > 0) onRaised();
    } catch (error) {
      bus.emit("watch.round_failed", { error: toError(error).message });
    }
  }
}
