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
import type { DagGraph } from "../rules/dag-graph.ts";
import { holdBack } from "./look-back.ts";
import { type Advanced, advanceIn, type AdvanceOptions } from "./advance-runs.ts";
import { beginRuns } from "./begin-runs.ts";
import { type QueueHeads, spanOf } from "./queue-heads.ts";
import { remember } from "./release.ts";

export interface StartRunsOptions extends AdvanceOptions {
  /** Most runs to look at. Defaults to what one transaction starts, 100. */
  readonly most?: number | undefined;
  /** Whether new runs that find no slot stay in the queue. Defaults to false: they start, and their tasks wait. */
  readonly mayLeaveQueued?: boolean | undefined;
}

export type QueuedGroup = QueuedGroupRow;

const maxBatch = 100;
const noneStarted = { advanced: undefined, held: 0, wasLast: true, isShort: false, isFull: true };
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
  /** Whether runs that could start stay in the queue for want of slots. */
  readonly isShort: boolean;
  /** Whether runs stay in the queue until others of the group end. */
  readonly isFull: boolean;
}

/** What waits, and what became of the only group of it; nothing where there are several. */
export interface QueueLook {
  readonly groups: readonly QueuedGroup[];
  readonly started: GroupStarted | undefined;
}

/** Reads what is queued, and starts some of it in the same transaction if it is all of one group. */
export async function startOnly(
  database: Store,
  optionsOf: (group: QueuedGroup) => StartRunsOptions | undefined,
): Promise<QueueLook> {
  const look = await database.transaction(async (tx) => {
    const groups = await dagRunQueuedGroups(tx);
    const [only, ...others] = groups;
    const options = only && others.length === 0 ? optionsOf(only) : undefined;
    const started = only && options && (await startIn(tx, only, options));
    return { groups, started, cache: options?.cache };
  });
  if (look.cache && look.started?.advanced) remember(look.cache, look.started.advanced.hop);
  return look;
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

/** The queue is read under the lock of the limit: nobody holds runs of it to start them, so none is passed over. */
async function startIn(
  tx: Transaction,
  group: QueuedGroup,
  options: StartRunsOptions,
): Promise<GroupStarted | undefined> {
  // Before the limit: a run without anything to do ends in this transaction, and its backfill perhaps with it.
  if (group.backfill_id !== null && !(await isUnderWay(tx, group.backfill_id))) return undefined;
  const capacity = await lockedCapacity(tx, group);
  const batch = Math.min(options.most ?? maxBatch, maxBatch);
  const { heads } = options.cache;
  const queued = await heads.queued.look(
    nameOf(group),
    (from) => dagRunQueuedLock(tx, group, batch, from?.first),
    spanOf,
  );
  if (queued.length === 0) return undefined;
  const versions = queued.map((run) => run.dag_version_id);
  const graphs = await options.cache.graphs(tx, versions);
  const places = await placesOf(tx, group, heads, {
    capacity,
    maxRuns: queued.length,
    processId: options.processId,
    tasks: Math.max(...versions.map((id) => graphs.get(id)?.tasks.size ?? 0)),
  });
  const open = capacity - places.running;
  if (open <= 0) return noneStarted;
  const { free, held } = await holdBack(tx, options.cache, queued);
  const due = free.slice(0, open);
  const starting = options.mayLeaveQueued ? withinSlots(due, graphs, options.slots?.() ?? 0) : due;
  const rest = {
    held: held.length,
    wasLast: queued.length < batch,
    isShort: starting.length < due.length,
    isFull: due.length < free.length,
  };
  if (starting.length === 0)
    return rest.held > 0 || rest.isShort ? { advanced: undefined, ...rest } : undefined;
  const begun = await beginRuns(tx, starting, { ...options, graphs, places });
  const advanced = begun ?? (await startKnown(tx, starting, options));
  return { advanced, ...rest };
}

/** Those that start, in their order, with some slots: a new run takes one, unless none of its first tasks may start here. */
function withinSlots(
  runs: readonly QueuedRunRow[],
  graphs: ReadonlyMap<string, DagGraph>,
  slots: number,
): readonly QueuedRunRow[] {
  let left = slots;
  const takes = (run: QueuedRunRow) =>
    run.is_new && !run.is_special && graphs.get(run.dag_version_id)?.startsUnlimited === true;
  const short = runs.findIndex((run) => takes(run) && --left < 0);
  return short === -1 ? runs : runs.slice(0, short);
}

/** Starts runs that may have task instances already, or need more than one statement. */
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

/** Locks the limit of the runs that go on at once. @returns how many may; it was stored with the DAG or the backfill */
async function lockedCapacity(tx: Transaction, group: QueuedGroup): Promise<number> {
  const limit =
    group.backfill_id === null
      ? { kind: "dag_runs", name: group.dag_id }
      : { kind: "backfill_runs", name: group.backfill_id };
  const [row] = await limitLock(tx, [limit]);
  return row && row.capacity >= 0 ? row.capacity : unlimited;
}

/** Places that are taken, counted under the lock of the limit. */
function placesOf(
  tx: Transaction,
  group: QueuedGroup,
  { running }: QueueHeads,
  wanted: Omit<PlacesWanted, "fromSlot">,
): Promise<PlacesRow> {
  return running.look(
    nameOf(group),
    (fromSlot) => dagRunPlaces(tx, group, { ...wanted, fromSlot }),
    (row) => row.low_slot,
  );
}

const nameOf = ({ dag_id, backfill_id }: QueuedGroup): string => `${dag_id} ${backfill_id ?? ""}`;
