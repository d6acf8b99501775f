import type { EventBus } from "../kernel/events.ts";
import type { Store } from "../store/database.ts";
import type { InsertedRunRow } from "../store/schedule.ts";
import { isTransient } from "../store/transient-errors.ts";
import { type AssetRun, createAssetRun, dagsDueByAssets } from "./asset-runs.ts";
import { createDueRuns, type CreatedRuns, DagPlanError, postponeDag } from "./create-runs.ts";
import type { RunCache } from "./run-cache.ts";

export interface CreateDueOptions {
  readonly database: Store;
  readonly bus: EventBus;
  readonly cache: RunCache;
  readonly now: Date;
}

const maxDagsPerBatch = 50;
const maxBatches = 40;

/** What became of the schedules that were due. */
export interface SchedulesKept {
  readonly runsCreated: number;
  /** When these schedules are due again. */
  readonly nextRunAfters: readonly Date[];
}

/** Creates the runs that schedules ask for. */
export async function createForSchedules(options: CreateDueOptions): Promise<SchedulesKept> {
  const nextRunAfters: Date[] = [];
  let runsCreated = 0;
  for (let batch = 0; batch < maxBatches; batch++) {
    const { created, due, ...kept } = await createBatch(options);
    for (const run of created) {
      options.bus.emit("dag_run.created", {
        dagId: run.dag_id,
        runId: run.run_id,
        runType: "scheduled",
      });
    }
    runsCreated += created.length;
    nextRunAfters.push(...kept.nextRunAfters);
    if (due < maxDagsPerBatch) break;
  }
  return { runsCreated, nextRunAfters };
}

/** One that cannot be created as a whole is created DAG by DAG. */
async function createBatch(options: CreateDueOptions): Promise<CreatedRuns> {
  const { database, cache, now } = options;
  try {
    return await createDueRuns(database, { cache, now, maxDags: maxDagsPerBatch });
  } catch (error) {
    if (isTransient(error)) throw error;
    return createOneByOne(options);
  }
}

async function createOneByOne(options: CreateDueOptions): Promise<CreatedRuns> {
  const { database, cache, now } = options;
  const created: InsertedRunRow[] = [];
  const nextRunAfters: Date[] = [];
  for (let due = 0; due < maxDagsPerBatch; due++) {
    try {
      const one = await createDueRuns(database, { cache, now, maxDags: 1 });
      if (one.due === 0) return { created, due, nextRunAfters };
      created.push(...one.created);
      nextRunAfters.push(...one.nextRunAfters);
    } catch (error) {
      await putOff(options, error);
    }
  }
  return { created, due: maxDagsPerBatch, nextRunAfters };
}

/** Creates the runs that updates of assets ask for. @returns how many */
export async function createForAssets(options: CreateDueOptions): Promise<number> {
  const { database, bus } = options;
  const besides: string[] = [];
  let total = 0;
  for (let batch = 0; batch < maxBatches; batch++) {
    const due = await dagsDueByAssets(database, { maxDags: maxDagsPerBatch, besides });
    for (const dagId of due) {
      const run = await createForAssetsOf(options, dagId);
      if (!run) continue;
      bus.emit("dag_run.created", { ...run, runType: "asset_triggered" });
      total += 1;
    }
    if (due.length < maxDagsPerBatch) break;
    besides.push(...due);
  }
  return total;
}

async function createForAssetsOf(
  options: CreateDueOptions,
  dagId: string,
): Promise<AssetRun | undefined> {
  try {
    return await createAssetRun(options.database, dagId);
  } catch (error) {
    await putOff(options, error);
    return undefined;
  }
}

/** A DAG whose runs cannot be created is looked at again later, so that the others get theirs. */
async function putOff({ database, bus, now }: CreateDueOptions, error: unknown): Promise<void> {
  if (!(error instanceof DagPlanError)) throw error;
  bus.emit("scheduler.tick_failed", { dagId: error.dagId, error: error.message });
  await postponeDag(database, error.dagId, now);
}
