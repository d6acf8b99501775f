import type { BackfillPlan } from "../backfill/plan.ts";
import { inOrder, settle, slices } from "../backfill/settle.ts";
import { finishedRunStates } from "../definition/states.ts";
import type { JsonValue } from "../kernel/json.ts";
import {
  backfillInsert,
  backfillLock,
  type BackfillRequestRow,
  backfillSetState,
  backfillUnfinished,
  type BackfillUnfinishedRow,
} from "../store/backfill.ts";
import {
  backfillRunAnalyze,
  backfillRunClear,
  backfillRunStore,
  type PlannedRun,
} from "../store/backfill-run.ts";
import type { DagFactsRow } from "../store/client.ts";
import { eventInsert } from "../store/dag.ts";
import { dagRunBackfillEnd, dagRunLock } from "../store/dag-run.ts";
import type { Transaction } from "../store/database.ts";
import { limitLock } from "../store/limit.ts";
import { dagRunIntervalOverlaps } from "../store/schedule.ts";
import {
  checkMaxActiveRunsOrThrow,
  checkNewOrThrow,
  checkSameOrThrow,
  cutOff,
} from "./backfill-refusals.ts";
import { type BackfillRequest, planIn, rangeOf } from "./backfills.ts";
import { checkedParamsOrThrow } from "../definition/params.ts";
import { type ChangeOptions, findDagOrThrow, lockDagOrThrow, notify, type Scope } from "./scope.ts";

const defaultBackfillRuns = 10;

/** Most new runs in one transaction: for so long the schedule of the DAG waits, and nobody else's. */
const sliceWeight = 10_000;

export interface CreateBackfillOptions extends BackfillRequest, ChangeOptions {
  /** Runs of this backfill at once, apart from the DAG's own. Defaults to 10. */
  readonly maxActiveRuns?: number | undefined;
  /** Of the runs that are created, and of those done again if given. */
  readonly params?: JsonValue | undefined;
  /** Hash of the plan that was agreed to; another one is refused. */
  readonly planHash?: string | undefined;
  /** Told after each slice of a long plan how many of its intervals are stored. */
  readonly onProgress?: ((stored: number, all: number) => void) | undefined;
}

export interface BackfillCreated {
  readonly backfillId: string;
  readonly plan: BackfillPlan;
}

/** A backfill on its way into the store. */
interface Order {
  readonly scope: Scope;
  readonly options: CreateBackfillOptions;
  readonly request: BackfillRequestRow;
  readonly dag: DagFactsRow;
  readonly plan: BackfillPlan;
}

/**
 * Makes the runs of a plan. A plan of some thousand intervals is stored in one transaction; a longer one in slices, and
 * none of its runs starts before all are there. What is cut off in between goes on when it is asked for again in the
 * same words, or is cancelled.
 */
export async function createBackfill(
  scope: Scope,
  options: CreateBackfillOptions,
): Promise<BackfillCreated> {
  const { order, unfinished } = await orderOf(scope, options);
  const isShort = !unfinished && isOneSlice(order.plan);
  const created = isShort
    ? await scope.database.transaction((tx) => createWhole(tx, order))
    : await createInSlices(order, unfinished);
  await notify(scope, "");
  return created;
}

/**
 * What `createBackfill` would make; changes nothing.
 *
 * @throws TidemillError whatever `createBackfill` refuses the same request with
 */
export async function checkBackfill(
  scope: Scope,
  options: CreateBackfillOptions,
): Promise<BackfillPlan> {
  const { order, unfinished } = await orderOf(scope, options);
  if (unfinished) checkSameOrThrow(order.plan, unfinished, options.dagId);
  else await checkNewOrThrow(scope.database, order);
  return order.plan;
}

async function orderOf(scope: Scope, options: CreateBackfillOptions) {
  checkMaxActiveRunsOrThrow(options.dagId, options.maxActiveRuns ?? defaultBackfillRuns);
  const dag = await findDagOrThrow(scope.database, options.dagId);
  const request = requestOf(dag, options);
  const unfinished = await backfillUnfinished(scope.database, request);
  const seen = unfinished ? { ...dag, now: unfinished.created_at } : dag;
  const plan = await planIn(scope.database, seen, options, unfinished?.backfill_id);
  const order: Order = { scope, options, request, dag: seen, plan };
  return { order, unfinished };
}

function isOneSlice({ entries }: BackfillPlan): boolean {
  const [first] = slices(inOrder(entries), sliceWeight);
  return (first?.length ?? 0) === entries.length;
}

function requestOf(dag: DagFactsRow, options: CreateBackfillOptions): BackfillRequestRow {
  return {
    ...rangeOf(dag, options),
    dagId: dag.dag_id,
    reprocess: options.reprocess ?? "none",
    runBackwards: options.runBackwards ?? false,
    maxActiveRuns: options.maxActiveRuns ?? defaultBackfillRuns,
    batchSize: options.batch ?? 1,
    params: checkedParamsOrThrow(dag.manifest, options.params),
  };
}

/** Plans once more under the lock, so that what is planned is what is made. */
async function createWhole(tx: Transaction, { scope, options }: Order): Promise<BackfillCreated> {
  const dag = await lockDagOrThrow(tx, options.dagId);
  const plan = await planIn(tx, dag, options);
  const order = { scope, options, request: requestOf(dag, options), dag, plan };
  const backfillId = await insert(tx, order, "running");
  await storeSlice(tx, order, backfillId, [...inOrder(plan.entries)]);
  return { backfillId, plan };
}

async function createInSlices(
  order: Order,
  unfinished: BackfillUnfinishedRow | undefined,
): Promise<BackfillCreated> {
  const { scope, plan, options, request } = order;
  if (unfinished) checkSameOrThrow(plan, unfinished, options.dagId);
  const backfillId =
    unfinished?.backfill_id ??
    (await scope.database.transaction(async (tx) => {
      await lockDagOrThrow(tx, options.dagId);
      return insert(tx, order, "creating");
    }));
  const rest = inOrder(plan.entries, unfinished?.stored);
  for (const slice of slices(rest, sliceWeight)) {
    await scope.database.transaction((tx) => storeNext(tx, order, backfillId, slice));
    if (slice[0]?.ordinal === 1) await backfillRunAnalyze(scope.database);
    options.onProgress?.(slice.at(-1)?.ordinal ?? 0, plan.entries.length);
  }
  await backfillRunAnalyze(scope.database);
  await scope.database.transaction(async (tx) => {
    await backfillLock(tx, backfillId);
    if (!(await backfillSetState(tx, backfillId, "running", ["creating"]))) {
      throw cutOff(backfillId, request);
    }
    await dagRunBackfillEnd(tx, [backfillId]);
  });
  return { backfillId, plan };
}

/** One slice, unless somebody else who creates the same backfill has stored it. */
async function storeNext(
  tx: Transaction,
  order: Order,
  backfillId: string,
  slice: readonly PlannedRun[],
): Promise<void> {
  await lockDagOrThrow(tx, order.options.dagId);
  const now = await backfillUnfinished(tx, order.request);
  if (now?.backfill_id !== backfillId) throw cutOff(backfillId, order.request);
  const rest = slice.filter((run) => run.ordinal > now.stored);
  if (rest.length > 0) await storeSlice(tx, order, backfillId, rest);
}

/** Under the lock of the dag row: runs that are done again are locked before the backfill is. */
async function storeSlice(
  tx: Transaction,
  { scope, options, request, dag }: Order,
  backfillId: string,
  slice: readonly PlannedRun[],
): Promise<void> {
  const cleared = slice.filter((run) => run.action === "clear");
  const ids = [...new Set(cleared.flatMap((run) => run.dagRunId ?? []))];
  const locked = ids.length > 0 ? await dagRunLock(tx, ids) : [];
  const ended = locked.filter(
    (run) => finishedRunStates.has(run.state) && run.state !== "cancelled",
  );
  await backfillLock(tx, backfillId);
  const overlaps = await dagRunIntervalOverlaps(tx, [{ dagId: dag.dag_id, ...spanOf(slice) }]);
  const planned = settle(slice, {
    covered: overlaps.map((row) => ({
      start: row.interval_start,
      end: row.interval_end,
      runId: row.run_id,
    })),
    ended: new Set(ended.map((run) => run.dag_run_id)),
  });
  await backfillRunStore(tx, {
    backfillId,
    dagId: dag.dag_id,
    dagVersionId: dag.dag_version_id,
    triggeredBy: scope.actor,
    params: request.params,
    planned,
  });
  const again = planned.filter((run) => run.action === "clear");
  if (again.length > 0) await backfillRunClear(tx, backfillId, again, options.params);
}

function spanOf(slice: readonly PlannedRun[]): { readonly start: Date; readonly end: Date } {
  const ends = [slice.at(0), slice.at(-1)].flatMap((run) => run?.interval ?? []);
  const start = Math.min(...ends.map((interval) => interval.start.getTime()));
  const end = Math.max(...ends.map((interval) => interval.end.getTime()));
  return { start: new Date(start), end: new Date(end) };
}

async function insert(
  tx: Transaction,
  order: Order,
  state: "creating" | "running",
): Promise<string> {
  await checkNewOrThrow(tx, order);
  const { scope, options, request, dag, plan } = order;
  const { dagId, maxActiveRuns } = request;
  const { actor } = scope;
  const { hash: planHash, counts } = plan;
  const made = { state, planHash, createdBy: actor, createdAt: dag.now };
  const backfillId = await backfillInsert(tx, { ...request, ...made });
  await limitLock(tx, [{ kind: "backfill_runs", name: backfillId, capacity: maxActiveRuns }]);
  const details = { backfillId, ...counts, hash: planHash, why: options.why };
  await eventInsert(tx, { name: "backfill.planned", actor, dagId, details });
  return backfillId;
}
