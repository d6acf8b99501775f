import { isPassed, type Past, type PastHold, pastHold, waitsForPastOnly } from "../rules/past.ts";
import type { DagGraph } from "../rules/dag-graph.ts";
import type { Queryable, Store, Transaction } from "../store/database.ts";
import { dagRunLock, type QueuedRunRow } from "../store/dag-run.ts";
import {
  type Passed,
  pastHadBefore,
  pastHoldQueued,
  pastNotice,
  pastOpen,
  pastRead,
  pastRelease,
  pastSettle,
  type PastRow,
  type PastWait,
  pastWaitInsert,
} from "../store/past.ts";
import type { DagRunLockRow } from "../store/rows.ts";
import type { Hop } from "./hop.ts";
import type { RunCache } from "./run-cache.ts";
import type { RunEntry } from "./run-entry.ts";

/** Reads what runs look back on: for each the run before it, and what has become of its tasks. */
export async function readPasts(
  tx: Queryable,
  cache: RunCache,
  runs: readonly { readonly dagRunId: string; readonly graph: DagGraph }[],
): Promise<ReadonlyMap<string, { readonly past: Past; readonly row: PastRow }>> {
  const rows = await pastRead(
    tx,
    runs.map((run) => run.dagRunId),
  );
  const versions = rows.flatMap((row) => row.past_dag_version_id ?? []);
  const graphs = versions.length > 0 ? await cache.graphs(tx, versions) : new Map();
  const owns = new Map(runs.map(({ dagRunId, graph }) => [dagRunId, graph]));
  const found = new Map<string, { past: Past; row: PastRow }>();
  for (const row of rows) {
    const own = owns.get(row.dag_run_id);
    const past = await pastOf(tx, row, own, graphs.get(row.past_dag_version_id ?? ""));
    found.set(row.dag_run_id, { past, row });
  }
  return found;
}

async function pastOf(
  tx: Queryable,
  row: PastRow,
  own: DagGraph | undefined,
  graph: DagGraph | undefined,
): Promise<Past> {
  const { past_dag_run_id: dagRunId, past_run_id: runId, past_date: logicalDate } = row;
  const isFirstOfBackfill = row.is_first_of_backfill;
  const { past_state: state } = row;
  if (dagRunId === null || runId === null || logicalDate === null || state === null || !graph) {
    return { isFirstOfBackfill, previous: undefined, hadBefore: new Set() };
  }
  const unknown = (own?.pastTasks ?? []).filter((taskId) => !graph.tasks.has(taskId));
  const hadBefore = unknown.length > 0 ? await pastHadBefore(tx, row.dag_run_id, unknown) : [];
  const states = new Map(Object.entries(row.states ?? {}));
  const previous = {
    dagRunId,
    runId,
    logicalDate,
    state,
    isOfSameBackfill: row.past_is_of_same_backfill === true,
    changed: Number(row.past_changed),
    graph,
    states,
  };
  return { isFirstOfBackfill, previous, hadBefore: new Set(hadBefore) };
}

/**
 * Decides on the tasks of a hop that only their past may still hold. A run in which nothing else is left to do gives
 * its place back and waits in the queue.
 */
export async function lookBack(tx: Queryable, cache: RunCache, hop: Hop): Promise<void> {
  const entries = [...hop.entries.values()];
  const asking = entries.filter(({ state }) => state.pastWanted.size > 0);
  if (asking.length > 0) await decideWithPast(tx, cache, hop, asking);
  hop.suspended.push(...entries.filter(({ state }) => waitsForPastOnly(state)));
}

async function decideWithPast(
  tx: Queryable,
  cache: RunCache,
  hop: Hop,
  asking: readonly RunEntry[],
): Promise<void> {
  const pasts = await readPasts(
    tx,
    cache,
    asking.map(({ facts, state }) => ({ dagRunId: facts.dag_run_id, graph: state.graph })),
  );
  const waits: PastWait[] = [];
  for (const entry of asking) {
    const found = pasts.get(entry.facts.dag_run_id);
    if (!found) continue;
    entry.state.past = found.past;
    hop.decidePast(entry);
    waits.push(...pastWaits(found.row, found.past, [...entry.state.pastHolds.values()]));
  }
  await pastWaitInsert(tx, waits);
}

function pastWaits(
  row: PastRow,
  { previous }: Past,
  holds: readonly PastHold[],
): readonly PastWait[] {
  if (!previous || row.logical_date === null || holds.length === 0) return [];
  return [
    {
      dag_run_id: row.dag_run_id,
      past_dag_run_id: previous.dagRunId,
      past_changed: previous.changed,
      logical_date: row.logical_date,
      past_date: previous.logicalDate,
      dag_id: row.dag_id,
      task_ids: [...new Set(holds.flatMap((hold) => hold.taskIds))],
    },
  ];
}

/**
 * Tells the runs that wait for one of this hop of the tasks that passed in it. In a run that was read anew nobody knows
 * which they were: somebody else has changed it.
 */
export async function tellWaiting(
  tx: Queryable,
  hop: Hop,
  locks: readonly DagRunLockRow[],
  fresh: ReadonlySet<string>,
): Promise<number> {
  const passed: Passed[] = [];
  for (const { dag_run_id, is_awaited } of locks) {
    const entry = is_awaited ? hop.entries.get(dag_run_id) : undefined;
    if (!entry) continue;
    const candidates = fresh.has(dag_run_id) ? entry.state.all() : entry.state.changes().keys();
    const good = [...candidates].filter(({ state }) => isPassed(state));
    const task_ids = [...new Set(good.map((instance) => instance.taskId))];
    if (task_ids.length > 0) passed.push({ dag_run_id, task_ids });
  }
  return pastNotice(tx, passed);
}

/**
 * Of queued runs whose first tasks all wait for the previous run, takes those out of the queue that cannot start.
 *
 * @returns the runs that may start
 */
export async function holdBack(
  tx: Queryable,
  cache: RunCache,
  queued: readonly QueuedRunRow[],
  graphs: ReadonlyMap<string, DagGraph>,
): Promise<readonly QueuedRunRow[]> {
  const asking = queued.flatMap(({ dag_run_id: dagRunId, dag_version_id, is_new }) => {
    const graph = graphs.get(dag_version_id);
    return is_new && graph?.startsByPast ? [{ dagRunId, graph }] : [];
  });
  const waits = asking.length > 0 ? await waitsOfQueued(tx, cache, asking) : [];
  const held = new Set(waits.map((wait) => wait.dag_run_id));
  if (held.size === 0) return queued;
  await pastHoldQueued(tx, [...held]);
  await pastWaitInsert(tx, waits);
  return queued.filter((run) => !held.has(run.dag_run_id));
}

async function waitsOfQueued(
  tx: Queryable,
  cache: RunCache,
  asking: readonly { readonly dagRunId: string; readonly graph: DagGraph }[],
): Promise<readonly PastWait[]> {
  const pasts = await readPasts(tx, cache, asking);
  return asking.flatMap(({ dagRunId, graph }) => {
    const found = pasts.get(dagRunId);
    if (!found) return [];
    const roots = graph.manifest.tasks.filter((task) => task.upstream.length === 0);
    const holds = roots.flatMap((task) => pastHold(graph.manifest, task, found.past) ?? []);
    return holds.length === roots.length ? pastWaits(found.row, found.past, holds) : [];
  });
}

const maxWaits = 500;

/**
 * Looks after the runs that wait for their past. A wait that is new is settled under the lock of the run that it is
 * for: what passed there in the same moment is found by its counter, what passes later is told. Runs of which something
 * may have passed look at their past again.
 *
 * @returns how many runs look again
 */
export async function settlePastWaits(database: Store): Promise<number> {
  const open = await pastOpen(database, maxWaits);
  if (open.length === 0) return 0;
  const isOver = open.filter((wait) => wait.is_due || wait.past_dag_run_id === null);
  const over = isOver.map((wait) => wait.dag_run_id);
  const unsettled = open.filter((wait) => !wait.is_settled && !over.includes(wait.dag_run_id));
  if (unsettled.length > 0) {
    over.push(...(await database.transaction((tx) => settleIn(tx, unsettled))));
  }
  if (over.length > 0) {
    await database.transaction(async (tx) => {
      await dagRunLock(tx, over);
      await pastRelease(tx, over);
    });
  }
  return over.length;
}

async function settleIn(
  tx: Transaction,
  unsettled: Parameters<typeof pastSettle>[1],
): Promise<readonly string[]> {
  await dagRunLock(
    tx,
    unsettled.flatMap((wait) => wait.past_dag_run_id ?? []),
  );
  return pastSettle(tx, unsettled);
}
