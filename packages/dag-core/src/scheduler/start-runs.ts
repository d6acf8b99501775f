import type { Store, Transaction } from "../store/database.ts";
import {
  dagRunBackfillLock,
  dagRunPlaces,
  dagRunQueuedGroups,
  dagRunQueuedLock,
  dagRunStart,
  type PlacesRow,
  type QueuedGroupRow,
  type QueuedRunRow,
} from "../store/dag-run.ts";
import { limitLock } from "../store/limit.ts";
import type { DagGraph } from "../rules/dag-graph.ts";
import { limitKey } from "../rules/limits.ts";
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
/** Most groups in one transaction: two runs of each. */
export const maxGroups = 50;
/** The greatest integer of Postgres. */
const unlimited = 2_147_483_647;

/** The DAGs and backfills that have queued runs and are not paused. */
export function queuedGroups(database: Store): Promise<readonly QueuedGroup[]> {
  return dagRunQueuedGroups(database);
}

/** What became of a look at some groups. */
export interface GroupsStarted {
  /** The hop of the runs that started. */
  readonly advanced: Advanced | undefined;
  /** Groups that may have more to start: not all of their queued runs were looked at. */
  readonly unfinished: readonly QueuedGroup[];
  /** Whether runs that could start stay in the queue for want of slots. */
  readonly isShort: boolean;
  /** Whether runs stay in the queue until others of the group end. */
  readonly isFull: boolean;
}

export const noneStarted: GroupsStarted = {
  advanced: undefined,
  unfinished: [],
  isShort: false,
  isFull: false,
};

/** What waits, and what became of the first groups of it; undefined where they were not looked at. */
export interface QueueLook {
  readonly groups: readonly QueuedGroup[];
  readonly started: GroupsStarted | undefined;
}

/** Reads what is queued, and starts some of it in the same transaction, as `startGroups` does. */
export async function startFirst(
  database: Store,
  optionsOf: (groups: readonly QueuedGroup[]) => StartRunsOptions | undefined,
): Promise<QueueLook> {
  const look = await database.transaction(
    async (tx) => {
      const groups = await dagRunQueuedGroups(tx);
      const options = groups.length > 0 ? optionsOf(groups) : undefined;
      const started = options && (await startIn(tx, groups.slice(0, maxGroups), options));
      return { groups, started, cache: options?.cache };
    },
    { readsFirst: true },
  );
  if (look.cache && look.started?.advanced) remember(look.cache, look.started.advanced.hop);
  return look;
}

/** A group with runs in the queue, under the lock of its limit. */
interface Queue {
  readonly group: QueuedGroup;
  /** Runs that may go on at once. */
  readonly capacity: number;
  readonly runs: readonly QueuedRunRow[];
}

/**
 * Starts some runs of several groups in one transaction, of each in their order and as many as its limit allows; the
 * more groups, the fewer of each.
 */
export async function startGroups(
  database: Store,
  groups: readonly QueuedGroup[],
  options: StartRunsOptions,
): Promise<GroupsStarted> {
  const started = await database.transaction((tx) => startIn(tx, groups, options), {
    readsFirst: true,
  });
  if (started.advanced) remember(options.cache, started.advanced.hop);
  return started;
}

/** The queues are read under the locks of the limits: nobody holds runs of them to start them, so none is passed over. */
async function startIn(
  tx: Transaction,
  groups: readonly QueuedGroup[],
  options: StartRunsOptions,
): Promise<GroupsStarted> {
  const { cache } = options;
  const most = Math.floor(Math.min(options.most ?? maxBatch, maxBatch) / groups.length);
  const queues = await lockedQueues(tx, groups, cache.heads, most);
  if (queues.length === 0) return noneStarted;
  const versions = queues.flatMap(({ runs }) => runs.map((run) => run.dag_version_id));
  const graphs = await cache.graphs(tx, versions);
  const places = await placesOf(tx, queues, { ...options, graphs });
  const open = queues.flatMap((queue, index) => {
    const left = queue.capacity - (places[index]?.running ?? Infinity);
    return left > 0 ? [{ ...queue, left }] : [];
  });
  const queued = open.flatMap(({ runs }) => runs);
  const free = new Set(await holdBack(tx, cache, queued, graphs));
  const due = open.flatMap(({ runs, left }) => runs.filter((run) => free.has(run)).slice(0, left));
  const starting = options.mayLeaveQueued ? withinSlots(due, graphs, options.slots?.() ?? 0) : due;
  const isShort = starting.length < due.length;
  const more = isShort ? [] : open.filter(({ runs }) => runs.length === most);
  const isFull = open.length < queues.length || due.length < free.size;
  const rest = { isShort, isFull, unfinished: more.map(({ group }) => group) };
  if (starting.length === 0) return { advanced: undefined, ...rest };
  const begun = await beginRuns(tx, starting, { ...options, graphs, places });
  return { advanced: begun ?? (await startKnown(tx, starting, options)), ...rest };
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

/** Locks the limits of groups, and then some runs of each; those without any are left out. */
async function lockedQueues(
  tx: Transaction,
  groups: readonly QueuedGroup[],
  { queued }: QueueHeads,
  most: number,
): Promise<readonly Queue[]> {
  // Before the limits: a run without anything to do ends in this transaction, and its backfill perhaps with it.
  const open = await underWay(tx, groups);
  if (open.length === 0) return [];
  const locking = limitLock(tx, open.map(limitOf));
  // Sent right behind the statement that locks, and begun by the server when that has ended.
  const looking = queued.look(
    open.map(nameOf),
    (from) =>
      dagRunQueuedLock(
        tx,
        open,
        most,
        from.map((span) => span?.first),
      ),
    spanOf,
    locking,
  );
  const [limits, found] = await Promise.all([locking, looking]);
  const capacities = new Map(limits.map((row) => [limitKey(row.kind, row.name), row.capacity]));
  return open.flatMap((group, index) => {
    const { kind, name } = limitOf(group);
    const capacity = capacities.get(limitKey(kind, name)) ?? -1;
    const runs = found[index] ?? [];
    return runs.length > 0 ? [{ group, runs, capacity: capacity < 0 ? unlimited : capacity }] : [];
  });
}

/** Locks backfills; those that were paused or cancelled since the groups were read start nothing any more. */
async function underWay(
  tx: Transaction,
  groups: readonly QueuedGroup[],
): Promise<readonly QueuedGroup[]> {
  const ids = groups.flatMap(({ backfill_id }) => backfill_id ?? []);
  const locked = ids.length > 0 ? await dagRunBackfillLock(tx, ids) : [];
  const states = new Map(locked.map((row) => [row.backfill_id, row.state]));
  return groups.filter(
    ({ backfill_id }) => backfill_id === null || states.get(backfill_id) === "running",
  );
}

/** What the runs of a group that go on at once count against; stored with the DAG or the backfill. */
const limitOf = ({ dag_id, backfill_id }: QueuedGroup) =>
  backfill_id === null
    ? { kind: "dag_runs", name: dag_id }
    : { kind: "backfill_runs", name: backfill_id };

/** Places that are taken, counted under the locks of the limits. */
async function placesOf(
  tx: Transaction,
  queues: readonly Queue[],
  {
    cache,
    graphs,
    processId,
  }: StartRunsOptions & { readonly graphs: ReadonlyMap<string, DagGraph> },
): Promise<readonly PlacesRow[]> {
  const tasksOf = (run: QueuedRunRow) => graphs.get(run.dag_version_id)?.tasks.size ?? 0;
  const wanted = queues.map(({ group, capacity, runs }) => {
    return { ...group, capacity, maxRuns: runs.length, tasks: Math.max(...runs.map(tasksOf)) };
  });
  return cache.heads.running.look(
    queues.map(({ group }) => nameOf(group)),
    (fromSlots) => dagRunPlaces(tx, wanted, fromSlots, processId),
    (row) => row.low_slot,
  );
}

const nameOf = ({ dag_id, backfill_id }: QueuedGroup): string => `${dag_id} ${backfill_id ?? ""}`;
