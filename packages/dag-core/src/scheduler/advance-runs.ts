import type { Queryable, Store, Transaction } from "../store/database.ts";
import { type BackfillEndRow, dagRunBackfillEnd, dagRunLock } from "../store/dag-run.ts";
import type { DagRunLockRow } from "../store/rows.ts";
import { runApply, taskInstanceExpand } from "../store/run-apply.ts";
import { StaleRunError } from "../store/stale-run.ts";
import { advanceAtOnce } from "./advance-at-once.ts";
import { updateAssets } from "./asset-runs.ts";
import type { DatabaseClock } from "./database-clock.ts";
import { type FinishReport, Hop } from "./hop.ts";
import { hopRows } from "./hop-rows.ts";
import { sendEvents } from "./send-events.ts";
import type { LeftRuns } from "./left-runs.ts";
import { lookBack, tellWaiting } from "./look-back.ts";
import { pauseFailing } from "./pause-failing.ts";
import { passOnSlots } from "./pass-on-slots.ts";
import { release, remember } from "./release.ts";
import { splitBatches } from "./split-batches.ts";
import type { RunCache } from "./run-cache.ts";
import { instanceOf, type RunEntry } from "./run-entry.ts";
import { lockTargets, makeRuns } from "./trigger-runs.ts";
import { beginsWait, endWaits } from "./waits.ts";

export interface AdvanceOptions {
  readonly cache: RunCache;
  /** Runs to look at, beside those of the finished attempts. */
  readonly dagRunIds?: readonly string[];
  readonly finished?: readonly FinishReport[];
  /** Attempts that this process can take on now; absent: everything ready is left for a claim. */
  readonly slots?: () => number;
  /** Of them, those that runs of backfills may take. Defaults to all. */
  readonly backfillSlots?: () => number;
  readonly processId?: string | undefined;
  /** Keeps runs together in one process; absent: what follows is started here, whoever else runs some of it. */
  readonly left?: LeftRuns;
  readonly maxInfraRetries: number;
  /** Lets a hop that needs nothing else be one statement; absent: every hop is a transaction of several. */
  readonly clock?: DatabaseClock;
}

/** What a hop came to, after its commit. */
export interface Advanced {
  readonly hop: Hop;
  readonly endedBackfills: readonly BackfillEndRow[];
}

const maxStaleAttempts = 3;

/**
 * One hop for some runs, in one transaction: records what finished, decides what follows, ends runs, and starts tasks
 * of these runs while slots last.
 */
export async function advanceRuns(database: Store, options: AdvanceOptions): Promise<Advanced> {
  for (let attempt = 1; ; attempt++) {
    try {
      const atOnce = await advanceAtOnce(database, options);
      if (atOnce) return atOnce;
      const advanced = await database.transaction((tx) => advanceIn(tx, options), {
        readsFirst: true,
      });
      remember(options.cache, advanced.hop);
      return advanced;
    } catch (error) {
      if (!(error instanceof StaleRunError) || attempt === maxStaleAttempts) throw error;
    }
  }
}

/** The same inside a transaction of the caller, who calls `remember` after the commit. */
export async function advanceIn(tx: Transaction, options: AdvanceOptions): Promise<Advanced> {
  const { cache, finished = [], dagRunIds = [] } = options;
  const ids = [...new Set([...dagRunIds, ...finished.map((report) => report.dagRunId)])];
  const triggers = finished.filter((report) => report.outcome.kind === "trigger");
  if (triggers.length > 0) await lockTargets(tx, triggers);
  const locks = await dagRunLock(tx, ids, options.processId);
  const running = locks.filter((lock) => lock.state === "running");
  const { entries, fresh } = await cache.take(tx, running);
  const hop = new Hop(locks[0]?.now ?? new Date(0), entries);
  if (locks[0]) options.clock?.observe(locks[0].now);
  hop.isCapped = locks.some((lock) => lock.is_capped);
  const reports = triggers.length > 0 ? await makeRuns(tx, hop, finished) : finished;
  for (const report of reports) hop.finish(report, options.maxInfraRetries);
  await endWaits(tx, hop, running);
  for (const lock of running) decideRun(hop, lock, fresh.has(lock.dag_run_id));
  await lookBack(tx, cache, hop);
  await expand(tx, hop);
  const startable = startableOf(hop, running);
  await passOnSlots(tx, hop, startable, options);
  release(hop, startable, options);
  if (entries.size > 0) await apply(tx, hop, options.processId);
  await pauseFailing(tx, hop);
  await sendEvents(tx, hop);
  await updateAssets(tx, hop);
  hop.told += [...entries.values()].filter(beginsWait).length;
  hop.told += await tellWaiting(tx, hop, running, fresh);
  await splitBatches(tx, hop);
  return { hop, endedBackfills: await endBackfills(tx, hop) };
}

async function apply(tx: Queryable, hop: Hop, processId: string | undefined): Promise<void> {
  const starts = hop.started.length > 0;
  const applied = await runApply(tx, hopRows(hop), { isAtOnce: false, starts, processId });
  if (!applied) throw new StaleRunError("A run was changed by somebody who did not hold its lock");
  hop.alerts = applied.alerts;
}

function decideRun(hop: Hop, lock: DagRunLockRow, isFresh: boolean): void {
  const entry = hop.entries.get(lock.dag_run_id);
  if (!entry) return;
  const { verdict: state, verdict_reason: reason } = lock;
  if (state !== null) hop.verdicts.set(entry, { state, reason });
  if (lock.times_out_at !== null && lock.times_out_at <= hop.now) hop.timeOut(entry);
  hop.follow(entry, isFresh);
}

/** Creates the instances of mapped tasks; they are ready as soon as they exist. */
async function expand(tx: Queryable, hop: Hop): Promise<void> {
  const wanted = [...hop.entries.values()].flatMap(({ facts, state }) =>
    state.expansions.map(({ taskId, from, length }) => ({
      dag_run_id: facts.dag_run_id,
      task_id: taskId,
      from_index: from,
      length,
      max_tries: state.graph.tasks.get(taskId)?.retries ?? 0,
      clear_number: Math.max(0, ...state.instancesOf(taskId).map((i) => i.clearNumber)),
    })),
  );
  if (wanted.length === 0) return;
  for (const row of await taskInstanceExpand(tx, wanted, hop.now)) {
    hop.entries.get(row.dag_run_id)?.state.add(instanceOf(row));
  }
}

function startableOf(hop: Hop, locks: readonly DagRunLockRow[]): ReadonlySet<RunEntry> {
  const open = locks.filter((lock) => lock.may_start && !lock.is_paused && !lock.is_capped);
  return new Set(open.flatMap((lock) => hop.entries.get(lock.dag_run_id) ?? []));
}

async function endBackfills(tx: Queryable, hop: Hop): Promise<readonly BackfillEndRow[]> {
  const ids = hop.endedRuns.flatMap(({ entry }) => entry.facts.backfill_id ?? []);
  return ids.length > 0 ? dagRunBackfillEnd(tx, [...new Set(ids)]) : [];
}
