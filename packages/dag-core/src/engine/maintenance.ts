import cron, { type ScheduledTask } from "node-cron";
import { toError } from "../kernel/errors.ts";
import type { EventBus } from "../kernel/events.ts";
import { alertIncidentForget } from "../store/alert-raise.ts";
import { partitionEnsure, retentionApply, type RetentionOptions } from "../store/dag.ts";
import type { Database } from "../store/database.ts";

export interface MaintenanceOptions extends RetentionOptions {
  readonly database: Database;
  readonly bus: EventBus;
}

const hourly = "17 * * * *";

/** What keeps the database in shape: partitions of the months to come, and the end of what is past its time. */
export class Maintenance {
  readonly #options: MaintenanceOptions;
  #task: ScheduledTask | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: MaintenanceOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.run();
    this.#task = cron.schedule(hourly, () => {
      this.#running = this.#running.then(() => this.run());
    });
  }

  async stop(): Promise<void> {
    await this.#task?.destroy();
    await this.#running;
  }

  async run(): Promise<void> {
    const { database, bus } = this.#options;
    try {
      await partitionEnsure(database);
      await retentionApply(database, this.#options);
      await alertIncidentForget(database);
    } catch (error) {
      bus.emit("maintenance.failed", { error: toError(error).message });
    }
  }
}
