import type { EventBus } from "../kernel/events.ts";
import type { Database } from "../store/database.ts";
import { dagRunToDecide } from "../store/dag-run.ts";
import { type Advanced, advanceRuns, type AdvanceOptions } from "./advance-runs.ts";
import { createDueRuns } from "./create-runs.ts";
import { emitHop } from "./hop-events.ts";
import { lostAttempts, loseSilentProcesses } from "./rescue-lost.ts";
import { startQueuedRuns } from "./start-runs.ts";

export interface TickOptions extends Omit<AdvanceOptions, "finished" | "dagRunIds"> {
  readonly database: Database;
  readonly bus: EventBus;
  /** Read once; the schedule arithmetic of the tick uses this instant. */
  readonly now: Date;
  readonly leaseMs: number;
  /** Whether to look for processes that are gone. Defaults to true. */
  readonly rescues?: boolean;
  readonly onAdvanced: (advanced: Advanced) => void;
}

const maxDagsPerBatch = 50;
const maxRunsPerBatch = 200;
const maxBatches = 40;

/** One step of the scheduler: creates what is due, rescues what is lost, decides what changed, starts what waits. */
export async function tick(options: TickOptions): Promise<{ readonly runsCreated: number }> {
  const runsCreated = await createDue(options);
  if (options.rescues ?? true) await rescue(options);
  await decideChanged(options);
  await startQueuedRuns(options.database, options, told(options));
  return { runsCreated };
}

const told = (options: TickOptions) => (advanced: Advanced) => {
  emitHop(options.bus, advanced);
  for (const { facts } of advanced.hop.entries.values()) {
    options.bus.emit("dag_run.started", { dagId: facts.dag_id, runId: facts.run_id });
  }
  options.onAdvanced(advanced);
};

async function createDue({ database, cache, bus, now }: TickOptions): Promise<number> {
  let total = 0;
  for (let batch = 0; batch < maxBatches; batch++) {
    const { created, due } = await createDueRuns(database, { cache, now, maxDags: maxDagsPerBatch });
    for (const run of created) {
      bus.emit("dag_run.created", { dagId: run.dag_id, runId: run.run_id, runType: "scheduled" });
    }
    total += created.length;
    if (due < maxDagsPerBatch) break;
  }
  return total;
}

async function rescue(options: TickOptions): Promise<void> {
  const { database, bus, leaseMs, now } = options;
  for (const processId of await loseSilentProcesses(database, leaseMs)) {
    bus.emit("process.lost", { processId });
  }
  const finished = await lostAttempts(database, now);
  for (let from = 0; from < finished.length; from += maxRunsPerBatch) {
    const part = finished.slice(from, from + maxRunsPerBatch);
    await advance(options, { finished: part });
  }
}

async function decideChanged(options: TickOptions): Promise<void> {
  for (let batch = 0; batch < maxBatches; batch++) {
    const dagRunIds = await dagRunToDecide(options.database, maxRunsPerBatch);
    if (dagRunIds.length > 0) await advance(options, { dagRunIds });
    if (dagRunIds.length < maxRunsPerBatch) return;
  }
}

async function advance(
  options: TickOptions,
  what: Pick<AdvanceOptions, "finished" | "dagRunIds">,
): Promise<void> {
  const advanced = await advanceRuns(options.database, { ...options, ...what });
  emitHop(options.bus, advanced);
  options.onAdvanced(advanced);
}
