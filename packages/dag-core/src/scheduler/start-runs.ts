import type { Store, Transaction } from "../store/database.ts";
import {
  dagRunBackfillLock,
  dagRunCountRunning,
  dagRunLockSkipping,
  dagRunQueuedCandidates,
  dagRunQueuedGroups,
  dagRunStart,
  type QueuedGroupRow,
} from "../store/dag-run.ts";
import { limitLock } from "../store/limit.ts";
import { type Advanced, advanceIn, type AdvanceOptions, remember } from "./advance-runs.ts";

export interface StartRunsOptions extends AdvanceOptions {
  /** Most runs of one DAG to start in one transaction. Defaults to 100. */
  readonly batch?: number;
}

export type QueuedGroup = QueuedGroupRow;

const defaultBatch = 100;

/** The DAGs and backfills that have queued runs and are not paused. */
export function queuedGroups(database: Store): Promise<readonly QueuedGroup[]> {
  return dagRunQueuedGroups(database);
}

/** Starts some runs of a group, in their order; undefined when none can start now. */
export async function startGroup(
  database: Store,
  group: QueuedGroup,
  options: StartRunsOptions,
): Promise<Advanced | undefined> {
  const advanced = await database.transaction((tx) => startIn(tx, group, options));
  if (advanced) remember(options.cache, advanced.hop);
  return advanced;
}

async function startIn(
  tx: Transaction,
  group: QueuedGroup,
  options: StartRunsOptions,
): Promise<Advanced | undefined> {
  const batch = options.batch ?? defaultBatch;
  const candidates = await dagRunQueuedCandidates(tx, group, batch);
  if (candidates.length === 0) return undefined;
  const locked = await dagRunLockSkipping(tx, candidates);
  if (locked.length === 0) return undefined;
  // Before the limit: a run without anything to do ends in this transaction, and its backfill perhaps with it.
  if (group.backfill_id !== null) await dagRunBackfillLock(tx, [group.backfill_id]);
  const open = await openSlots(tx, group);
  const inOrder = candidates.filter((id) => locked.includes(id));
  const started = await dagRunStart(tx, inOrder.slice(0, Math.max(0, open)));
  return started.length > 0 ? advanceIn(tx, { ...options, dagRunIds: started }) : undefined;
}

/** Free run slots, counted under the lock of the limit; its capacity was stored with the DAG or the backfill. */
async function openSlots(tx: Transaction, group: QueuedGroup): Promise<number> {
  const limit =
    group.backfill_id === null
      ? { kind: "dag_runs", name: group.dag_id }
      : { kind: "backfill_runs", name: group.backfill_id };
  const [row] = await limitLock(tx, [limit]);
  const capacity = row && row.capacity >= 0 ? row.capacity : Infinity;
  return capacity - (await dagRunCountRunning(tx, group));
}
