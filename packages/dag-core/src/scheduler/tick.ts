import { finishCancels } from "../backfill/cancel.ts";
import { dagRunToDecide } from "../store/dag-run.ts";
import { isTransient } from "../store/transient-errors.ts";
import { advanceRuns, type AdvanceOptions } from "./advance-runs.ts";
import { createForAssets, createForSchedules, type SchedulesKept } from "./create-due.ts";
import { emitHop, emitStuck } from "./hop-events.ts";
import { settlePastWaits } from "./look-back.ts";
import { lostAttempts, loseSilentProcesses } from "./rescue-lost.ts";
import { tellWakes } from "./waits.ts";
import { slotsOf } from "./lend.ts";
import { type QueueStarted, startQueued, type StartQueuedOptions } from "./start-queued.ts";

export interface TickOptions extends StartQueuedOptions {
  /** Read once; the schedule arithmetic of the tick uses this instant. */
  readonly now: Date;
  readonly leaseMs: number;
  /** Whether to create the runs that schedules ask for; without, only what is triggered runs. */
  readonly createsRuns: boolean;
  /** Whether to look for attempts of lost processes even if none was lost just now. */
  readonly looksForLost: boolean;
  /** Carries out what was asked for in SQL; absent: nobody can ask. */
  readonly carryOutRequests?: () => Promise<void>;
}

const maxRunsPerBatch = 200;
const maxBatches = 40;

/** What a tick came to. */
export interface Ticked extends QueueStarted, SchedulesKept {}

/** What a tick comes to that keeps no schedules. */
export const noSchedules: SchedulesKept = { runsCreated: 0, nextRunAfters: [] };

/**
 * One step of the scheduler: carries out what was asked for in SQL, creates the runs that are due, rescues what is lost,
 * tells waits of what has come, decides what changed, starts what is queued.
 */
export async function tick(options: TickOptions): Promise<Ticked> {
  const steps = new TickSteps(options);
  await options.carryOutRequests?.();
  const kept = options.createsRuns ? await createForSchedules(options) : noSchedules;
  const ofAssets = options.createsRuns ? await createForAssets(options) : 0;
  await steps.rescue();
  await settlePastWaits(options.database);
  await tellWakes(options.database);
  await steps.decideChanged();
  const runsCreated = kept.runsCreated + ofAssets;
  return { ...kept, runsCreated, ...(await startQueued(options, true)) };
}

type Work = Pick<AdvanceOptions, "finished" | "dagRunIds">;

/** The steps that advance runs. What cannot be advanced fails alone and holds up no other run. */
class TickSteps {
  readonly #options: TickOptions;
  /** Runs that this tick does not look at again, so that they take no places in its batches. */
  readonly #stuck = new Set<string>();

  constructor(options: TickOptions) {
    this.#options = options;
  }

  async rescue(): Promise<void> {
    const { database, bus, leaseMs, now, looksForLost } = this.#options;
    const lost = await loseSilentProcesses(database, leaseMs);
    for (const processId of lost) bus.emit("process.lost", { processId });
    if (lost.length === 0 && !looksForLost) return;
    await finishCancels(database);
    const finished = await lostAttempts(database, now);
    for (let from = 0; from < finished.length; from += maxRunsPerBatch) {
      await this.#advance({ finished: finished.slice(from, from + maxRunsPerBatch) });
    }
  }

  async decideChanged(): Promise<void> {
    for (let batch = 0; batch < maxBatches; batch++) {
      const { database } = this.#options;
      const dagRunIds = await dagRunToDecide(database, maxRunsPerBatch, [...this.#stuck]);
      if (dagRunIds.length > 0) await this.#advance({ dagRunIds });
      if (dagRunIds.length < maxRunsPerBatch) return;
    }
  }

  async #advance(work: Work): Promise<void> {
    try {
      await this.#options.lend(async (lent) => {
        const options = { ...this.#options, ...work, ...slotsOf(lent) };
        const advanced = await advanceRuns(this.#options.database, options);
        emitHop(this.#options.bus, advanced);
        await this.#options.onAdvanced(advanced);
      });
    } catch (error) {
      if (isTransient(error)) throw error;
      const parts = byRun(work);
      if (parts.length > 1) for (const part of parts) await this.#advance(part);
      else {
        const dagRunId = work.dagRunIds?.[0] ?? work.finished?.[0]?.dagRunId;
        if (dagRunId !== undefined) this.#stuck.add(dagRunId);
        const about = dagRunId === undefined ? {} : { dagRunId };
        emitStuck(this.#options.bus, `Run "${dagRunId}"`, error, about);
      }
    }
  }
}

function byRun({ finished = [], dagRunIds = [] }: Work): readonly Work[] {
  const reports = [...Map.groupBy(finished, (report) => report.dagRunId).values()];
  return [
    ...reports.map((own) => ({ finished: own })),
    ...dagRunIds.map((id) => ({ dagRunIds: [id] })),
  ];
}
