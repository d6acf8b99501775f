import type { EventBus } from "../kernel/events.ts";
import type { Database } from "../store/database.ts";
import { dagRunToDecide } from "../store/dag-run.ts";
import { type Advanced, advanceRuns, type AdvanceOptions } from "./advance-runs.ts";
import { createDueRuns } from "./create-runs.ts";
import { emitHop } from "./hop-events.ts";
import { lostAttempts, loseSilentProcesses } from "./rescue-lost.ts";
import { startQueuedRuns } from "./start-runs.ts";

export interface TickOptions extends Omit<AdvanceOptions, "finished" | "dagRunIds" | "slots"> {
  readonly database: Database;
  readonly bus: EventBus;
  /** Read once; the schedule arithmetic of the tick uses this instant. */
  readonly now: Date;
  readonly leaseMs: number;
  /** Whether to create the runs that schedules ask for; without, only what is triggered runs. */
  readonly createsRuns: boolean;
  /** Attempts that this process can take on in this tick. */
  readonly slots: number;
  readonly onAdvanced: (advanced: Advanced) => void;
}

const maxDagsPerBatch = 50;
const maxRunsPerBatch = 200;
const maxBatches = 40;

/** One step of the scheduler: creates what is due, rescues what is lost, decides what changed, starts what waits. */
export async function tick(options: TickOptions): Promise<{ readonly runsCreated: number }> {
  const steps = new TickSteps(options);
  const runsCreated = options.createsRuns ? await createDue(options) : 0;
  await steps.rescue();
  await steps.decideChanged();
  await steps.startQueued();
  return { runsCreated };
}

async function createDue({ database, cache, bus, now }: TickOptions): Promise<number> {
  let total = 0;
  for (let batch = 0; batch < maxBatches; batch++) {
    const { created, due } = await createDueRuns(database, {
      cache,
      now,
      maxDags: maxDagsPerBatch,
    });
    for (const run of created) {
      bus.emit("dag_run.created", { dagId: run.dag_id, runId: run.run_id, runType: "scheduled" });
    }
    total += created.length;
    if (due < maxDagsPerBatch) break;
  }
  return total;
}

/** The steps that advance runs; together they start no more attempts than there are slots. */
class TickSteps {
  readonly #options: TickOptions;
  #slots: number;

  constructor(options: TickOptions) {
    this.#options = options;
    this.#slots = options.slots;
  }

  async rescue(): Promise<void> {
    const { database, bus, leaseMs, now } = this.#options;
    for (const processId of await loseSilentProcesses(database, leaseMs)) {
      bus.emit("process.lost", { processId });
    }
    const finished = await lostAttempts(database, now);
    for (let from = 0; from < finished.length; from += maxRunsPerBatch) {
      await this.#advance({ finished: finished.slice(from, from + maxRunsPerBatch) });
    }
  }

  async decideChanged(): Promise<void> {
    for (let batch = 0; batch < maxBatches; batch++) {
      const dagRunIds = await dagRunToDecide(this.#options.database, maxRunsPerBatch);
      if (dagRunIds.length > 0) await this.#advance({ dagRunIds });
      if (dagRunIds.length < maxRunsPerBatch) return;
    }
  }

  async startQueued(): Promise<void> {
    const { database, bus } = this.#options;
    await startQueuedRuns(database, this.#advanceOptions(), (advanced) => {
      this.#told(advanced);
      for (const { facts } of advanced.hop.entries.values()) {
        bus.emit("dag_run.started", { dagId: facts.dag_id, runId: facts.run_id });
      }
    });
  }

  #advanceOptions(): AdvanceOptions {
    return { ...this.#options, slots: () => this.#slots };
  }

  async #advance(what: Pick<AdvanceOptions, "finished" | "dagRunIds">): Promise<void> {
    const options = { ...this.#advanceOptions(), ...what };
    this.#told(await advanceRuns(this.#options.database, options));
  }

  #told(advanced: Advanced): void {
    this.#slots -= advanced.hop.started.length;
    emitHop(this.#options.bus, advanced);
    this.#options.onAdvanced(advanced);
  }
}
