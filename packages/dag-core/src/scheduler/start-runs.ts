import type { Store, Transaction } from "../store/database.ts";
import {
  dagRunBackfillLock,
  dagRunPlaces,
  dagRunQueuedGroups,
  dagRunQueuedLock,
  dagRunStart,
  type PlacesRow,
  type PlacesWanted,
  type QueuedGroupRow,
  type QueuedRunRow,
} from "../store/dag-run.ts";
import { limitLock } from "../store/limit.ts";
import { holdBack } from "./look-back.ts";
import { type Advanced, advanceIn, type AdvanceOptions } from "./advance-runs.ts";
import { beginRuns } from "./begin-runs.ts";
import { type QueueHeads, spanOf } from "./queue-heads.ts";
import { remember } from "./release.ts";

export interface StartRunsOptions extends AdvanceOptions {
  /** Most runs to start. Defaults to what one transaction starts, 100. */
  readonly most?: number | undefined;
}

export type QueuedGroup = QueuedGroupRow;

const maxBatch = 100;
/** The greatest integer of Postgres. */
const unlimited = 2_147_483_647;

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
  const batch = Math.min(options.most ?? maxBatch, maxBatch);
  const { heads } = options.cache;
  const queued = await heads.queued.look(
    nameOf(group),
    (from) => dagRunQueuedLock(tx, group, batch, from?.first),
    spanOf,
  );
  if (queued.length === 0) return undefined;
  // Before the limit: a run without anything to do ends in this transaction, and its backfill perhaps with it.
  if (group.backfill_id !== null && !(await isUnderWay(tx, group.backfill_id))) return undefined;
  const versions = queued.map((run) => run.dag_version_id);
  const graphs = await options.cache.graphs(tx, versions);
  const { open, places } = await openPlaces(tx, group, heads, {
    maxRuns: queued.length,
    processId: options.processId,
    tasks: Math.max(...versions.map((id) => graphs.get(id)?.tasks.size ?? 0)),
  });
  if (open <= 0) return undefined;
  const { free, held } = await holdBack(tx, options.cache, queued);
  const starting = free.slice(0, open);
  const wasLast = queued.length < batch;
  if (starting.length === 0)
    return held.length > 0 ? { advanced: undefined, held: held.length, wasLast } : undefined;
  const begun = await beginRuns(tx, starting, { ...options, graphs, places });
  const advanced = begun ?? (await startKnown(tx, starting, options));
  return { advanced, held: held.length, wasLast };
}

/** Starts runs that may have task instances already. */
async function startKnown(
  tx: Transaction,
  runs: readonly QueuedRunRow[],
  options: StartRunsOptions,
): Promise<Advanced> {
  const dagRunIds = await dagRunStart(
    tx,
    runs.map((run) => run.dag_run_id),
  );
  return advanceIn(tx, { ...options, dagRunIds });
}

/** Locks a backfill; one that was paused or cancelled since the groups were read starts nothing any more. */
async function isUnderWay(tx: Transaction, backfillId: string): Promise<boolean> {
  const [backfill] = await dagRunBackfillLock(tx, [backfillId]);
  return backfill?.state === "running";
}

/** Free run slots, counted under the lock of the limit; its capacity was stored with the DAG or the backfill. */
async function openPlaces(
  tx: Transaction,
  group: QueuedGroup,
  { running }: QueueHeads,
  wanted: Pick<PlacesWanted, "processId" | "tasks" | "maxRuns">,
): Promise<{ readonly open: number; readonly places: PlacesRow }> {
  const limit =
    group.backfill_id === null
      ? { kind: "dag_runs", name: group.dag_id }
      : { kind: "backfill_runs", name: group.backfill_id };
  const [row] = await limitLock(tx, [limit]);
  const capacity = row && row.capacity >= 0 ? row.capacity : unlimited;
  const places = await running.look(
    nameOf(group),
    (fromSlot) => dagRunPlaces(tx, group, { ...wanted, capacity, fromSlot }),
    (row) => row.low_slot,
  );
  return { open: capacity - places.running, places };
}

const nameOf = ({ dag_id, backfill_id }: QueuedGroup): string => `${dag_id} ${backfill_id ?? ""}`;
