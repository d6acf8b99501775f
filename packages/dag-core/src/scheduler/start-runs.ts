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
import { holdBack } from "./look-back.ts";
import { type Advanced, advanceIn, type AdvanceOptions } from "./advance-runs.ts";
import { remember } from "./release.ts";

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

/** What became of some runs of a group. */
export interface GroupStarted {
  /** The hop of those that started. */
  readonly advanced: Advanced | undefined;
  /** How many cannot start before their past has passed. */
  readonly held: number;
  /** Whether the group had no more queued runs than those that were looked at. */
  readonly wasLast: boolean;
}

/** Starts some runs of a group, in their order; undefined when there is nothing to start or no place for it. */
export async function startGroup(
  database: Store,
  group: QueuedGroup,
  options: StartRunsOptions,
): Promise<GroupStarted | undefined> {
  const started = await database.transaction((tx) => startIn(tx, group, options));
  if (started?.advanced) remember(options.cache, started.advanced.hop);
  return started;
}

async function startIn(
  tx: Transaction,
  group: QueuedGroup,
  options: StartRunsOptions,
): Promise<GroupStarted | undefined> {
  const batch = options.batch ?? defaultBatch;
  const candidates = await dagRunQueuedCandidates(tx, group, batch);
  if (candidates.length === 0) return undefined;
  const locked = new Map((await dagRunLockSkipping(tx, candidates)).map((r) => [r.dag_run_id, r]));
  if (locked.size === 0) return undefined;
  // Before the limit: a run without anything to do ends in this transaction, and its backfill perhaps with it.
  if (group.backfill_id !== null && !(await isUnderWay(tx, group.backfill_id))) return undefined;
  const open = await openSlots(tx, group);
  if (open <= 0) return undefined;
  const inOrder = candidates.flatMap((id) => locked.get(id) ?? []);
  const { free, held } = await holdBack(tx, options.cache, inOrder);
  const started = await dagRunStart(tx, free.slice(0, open));
  if (started.length === 0 && held.length === 0) return undefined;
  const advanced =
    started.length > 0 ? await advanceIn(tx, { ...options, dagRunIds: started }) : undefined;
  return { advanced, held: held.length, wasLast: candidates.length < batch };
}

/** Locks a backfill; one that was paused or cancelled since the groups were read starts nothing any more. */
async function isUnderWay(tx: Transaction, backfillId: string): Promise<boolean> {
  const [backfill] = await dagRunBackfillLock(tx, [backfillId]);
  return backfill?.state === "running";
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
