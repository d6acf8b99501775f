import { toError } from "../kernel/errors.ts";
import { spanOfUpdates } from "../rules/assets.ts";
import { assetRunId } from "../rules/run-id.ts";
import {
  assetDue,
  assetRunLink,
  assetTake,
  assetUpdate,
  type AssetUpdateRow,
} from "../store/asset.ts";
import { dagFacts, dagLock } from "../store/client.ts";
import { dagCountActive } from "../store/dag.ts";
import type { Queryable, Store, Transaction } from "../store/database.ts";
import { dagRunInsert } from "../store/schedule.ts";
import { isTransient } from "../store/transient-errors.ts";
import { DagPlanError } from "./create-runs.ts";
import type { EndedTry, Hop } from "./hop.ts";
import { taskActor } from "./run-entry.ts";

/** Stores that tasks of a hop updated their assets, in the transaction that makes their success true. */
export async function updateAssets(tx: Queryable, hop: Hop): Promise<void> {
  const updates = hop.ended.flatMap(updatesOf);
  if (updates.length === 0) return;
  await assetUpdate(tx, updates);
  hop.told += updates.length;
}

function updatesOf({ entry, instance, record }: EndedTry): readonly AssetUpdateRow[] {
  const outlets = entry.state.graph.tasks.get(instance.taskId)?.outlets;
  if (!outlets || record?.state !== "success") return [];
  const { facts } = entry;
  return outlets.map((asset) => ({
    asset,
    dag_run_id: facts.dag_run_id,
    data_interval_start: facts.data_interval_start,
    data_interval_end: facts.data_interval_end,
    dag_id: facts.dag_id,
    run_id: facts.run_id,
    task_id: instance.taskId,
    updated_by: taskActor(entry, instance),
  }));
}

export interface AssetRun {
  readonly dagId: string;
  readonly runId: string;
}

/** DAGs whose assets were updated as their schedules ask and that may have one more run, some at a time. */
export function dagsDueByAssets(
  database: Store,
  options: { readonly maxDags: number; readonly besides: readonly string[] },
): Promise<readonly string[]> {
  return assetDue(database, options.maxDags, options.besides);
}

/**
 * Makes the run of a DAG whose assets were updated as its schedule asks; undefined when somebody else did.
 *
 * @throws DagPlanError when it cannot be made
 */
export async function createAssetRun(
  database: Store,
  dagId: string,
): Promise<AssetRun | undefined> {
  try {
    return await database.transaction((tx) => createFor(tx, dagId));
  } catch (error) {
    if (isTransient(error)) throw error;
    throw new DagPlanError(dagId, toError(error));
  }
}

/** One run takes all updates that wait. While the DAG has no place for another run, they go on waiting. */
async function createFor(tx: Transaction, dagId: string): Promise<AssetRun | undefined> {
  await dagLock(tx, dagId);
  const dag = await dagFacts(tx, dagId);
  if (!dag || dag.is_paused) return undefined;
  const active = (await dagCountActive(tx, [dagId])).get(dagId) ?? 0;
  if (active >= dag.manifest.maxActiveRuns) return undefined;
  const updates = await assetTake(tx, dagId);
  const last = updates.at(-1);
  if (!last) return undefined;
  const spans = updates.map((row) => {
    return { start: row.data_interval_start, end: row.data_interval_end };
  });
  const interval = spanOfUpdates(spans, dag.now);
  const runId = assetRunId(dag.now, last.asset_event_id);
  const [run] = await dagRunInsert(tx, {
    runType: "asset_triggered",
    triggeredBy: "asset",
    params: {},
    runs: [
      {
        dagId,
        dagVersionId: dag.dag_version_id,
        interval,
        runAfter: dag.now,
        runId,
        logicalDate: null,
      },
    ],
  });
  if (!run)
    throw new Error(
      `Run "${runId}" of DAG "${dagId}" was there before its updates were taken; look for who else writes runs`,
    );
  await assetRunLink(
    tx,
    run.dag_run_id,
    updates.map((row) => row.asset_event_id),
  );
  return { dagId, runId };
}
