import { randomUUID } from "node:crypto";
import {
  installationLimit,
  type LimitKey,
  limitKey,
  type LimitSlots,
  parseLimitKey,
  slotsOf,
} from "../rules/limits.ts";
import type { RunShares } from "../rules/pass-on.ts";
import { admitShared, type SharedCandidate, shareOf } from "../rules/share.ts";
import type { LeftRuns } from "../scheduler/left-runs.ts";
import type { RunCache } from "../scheduler/run-cache.ts";
import { instanceOf } from "../scheduler/run-entry.ts";
import type { Store, Transaction } from "../store/database.ts";
import { limitCount, limitFull, limitHold, limitLock } from "../store/limit.ts";
import type { TaskReadyRow } from "../store/rows.ts";
import {
  type ClaimedRow,
  taskInstanceClaim,
  taskReadyCandidates,
  taskReadyRunsLock,
} from "../store/task-ready.ts";

export interface ClaimOptions {
  readonly cache: RunCache;
  readonly processId: string;
  readonly slots: number;
  /** Of them, those that backfills may take while other work waits. Defaults to all. */
  readonly backfillSlots?: number;
  /** The share of backfills in each limit, in percent. Defaults to 100. */
  readonly sharePercent?: number;
  /** Runs that are left to others: what waits of them keeps its place. */
  readonly left?: LeftRuns;
  /** Whether limits were full a moment ago: then those that are so now are asked for first. Defaults to false. */
  readonly mayBeFull?: boolean;
  /** Takes over what a round claimed, after its commit. */
  readonly onClaimed: (rows: readonly ClaimedRow[]) => Promise<void>;
}

export interface Claimed {
  readonly count: number;
  /** Whether more was ready than there were slots. */
  readonly hasBacklog: boolean;
  /** The run that everything claimed belongs to, if it is one: it comes first in the order of claims. */
  readonly onlyRun: string | undefined;
  /** Whether anything but backfills wanted slots. */
  readonly hasOther: boolean;
  /** Whether nothing was left that stands ready, limited or not. */
  readonly isAllTaken: boolean;
  /** Whether nothing was left but what full limits hold back. */
  readonly isHeldBack: boolean;
  /** Whether something could be claimed but for another transaction that was at its run. */
  readonly isBlocked: boolean;
}

const maxRounds = 50;

/**
 * Claims what is ready, best first, until the slots are used up or nothing is left that its limits let start.
 * Limits found full are passed over in the next round, so that what waits for them holds nobody up.
 */
export async function claimReady(database: Store, options: ClaimOptions): Promise<Claimed> {
  const full = new Set(options.mayBeFull === true ? await fullLimits(database) : []);
  const runs = new Set<string>();
  const unloaded = options.left?.unloaded.ids ?? [];
  let count = 0;
  let hasOther = false;
  let backfillSlots = options.backfillSlots ?? Infinity;
  const result = (left: Partial<Claimed> = {}): Claimed => {
    const onlyRun = runs.size === 1 ? [...runs][0] : undefined;
    const hasBacklog = count >= options.slots;
    const nothing = { isAllTaken: false, isHeldBack: false, isBlocked: false };
    return { count, hasBacklog, onlyRun, hasOther, ...nothing, ...left };
  };
  for (let round = 0; round < maxRounds && count < options.slots; round++) {
    const slots = options.slots - count;
    const candidates = await taskReadyCandidates(database, slots, [...full], unloaded);
    if (candidates.length === 0) {
      return result(full.size === 0 ? { isAllTaken: true } : { isHeldBack: true });
    }
    hasOther ||= candidates.some((row) => !row.is_backfill);
    const limited = { ...options, slots, backfillSlots };
    const claimed = await database.transaction((tx) => claimIn(tx, candidates, limited), {
      readsFirst: true,
    });
    follow(options.cache, claimed.rows);
    if (claimed.rows.length > 0) await options.onClaimed(claimed.rows);
    count += claimed.rows.length;
    backfillSlots -= claimed.rows.filter((row) => row.is_backfill).length;
    for (const row of claimed.rows) runs.add(row.dag_run_id);
    if (claimed.rows.length === 0 && claimed.full.size === 0) return result({ isBlocked: true });
    for (const key of claimed.full) full.add(key);
    if (claimed.full.size > 0) for (const key of await fullLimits(database)) full.add(key);
    if (full.has(installationLimit)) return result({ isHeldBack: true });
  }
  return result();
}

/** All limits that are full now: many of them would take many rounds to find one by one. */
async function fullLimits(database: Store): Promise<readonly LimitKey[]> {
  const rows = await limitFull(database);
  return rows.map(({ kind, name }) => limitKey(kind, name));
}

async function claimIn(
  tx: Transaction,
  candidates: readonly TaskReadyRow[],
  options: ClaimOptions & { readonly backfillSlots: number },
): Promise<{ readonly rows: readonly ClaimedRow[]; readonly full: ReadonlySet<LimitKey> }> {
  const runIds = [...new Set(candidates.map((row) => row.dag_run_id))];
  const locked = await taskReadyRunsLock(tx, runIds);
  const { slots, backfillSlots, sharePercent = 100 } = options;
  const claimable = candidates.map((row) => ({
    id: row.task_instance_id,
    limits: row.limits ?? [],
    poolSlots: row.pool_slots,
    isBackfill: row.is_backfill,
    dagRunId: row.dag_run_id,
    isLocked: locked.has(row.dag_run_id),
  }));
  const { shares, ...counted } = await countLimits(tx, claimable, sharePercent);
  const isLeft = (id: string) =>
    options.left?.isLeft(id, shares.get(id) ?? new Map(), options.processId) === true;
  const left = new Set(runIds.filter(isLeft));
  const isAllOther = candidates.filter((row) => !row.is_backfill).length < slots;
  const share = { ...counted, slots, backfillSlots, isAllOther };
  const { admitted, full } = admitShared(
    claimable.map((one) =>
      left.has(one.dagRunId) ? { ...one, isLocked: false, isLeft: true } : one,
    ),
    share,
  );
  if (admitted.length === 0) return { rows: [], full };
  const claims = admitted.map(({ id }) => ({ taskInstanceId: id, lease: randomUUID() }));
  const rows = await taskInstanceClaim(tx, claims, options.processId);
  await hold(tx, admitted, new Set(rows.map((row) => row.task_instance_id)));
  return { rows, full };
}

interface Claimable extends SharedCandidate {
  readonly id: string;
  readonly dagRunId: string;
}

interface Counted {
  readonly limits: LimitSlots;
  readonly share: LimitSlots;
  /** Of each run that holds slots of them: what each process runs of it. */
  readonly shares: ReadonlyMap<string, RunShares>;
}

function take(open: Map<LimitKey, number>, key: LimitKey, slots: number): void {
  const left = open.get(key);
  if (left !== undefined) open.set(key, left - slots);
}

/** Slots of every limit that the candidates count against, and of the share of backfills, and who runs what; read under the locks. */
async function countLimits(
  tx: Transaction,
  candidates: readonly Claimable[],
  sharePercent: number,
): Promise<Counted> {
  const limits = { open: new Map<LimitKey, number>(), capacity: new Map<LimitKey, number>() };
  const share = { open: new Map<LimitKey, number>(), capacity: new Map<LimitKey, number>() };
  const keys = [...new Set(candidates.flatMap((candidate) => candidate.limits))];
  const shares = new Map<string, Map<string, number>>();
  if (keys.length === 0) return { limits, share, shares };
  const names = keys.map(parseLimitKey);
  for (const { kind, name, capacity } of await limitLock(tx, names)) {
    if (capacity < 0) continue;
    const key = limitKey(kind, name);
    const part = shareOf(capacity, sharePercent);
    for (const slots of [limits.open, limits.capacity]) slots.set(key, capacity);
    for (const slots of [share.open, share.capacity]) slots.set(key, part);
  }
  for (const { kind, name, taken, ...holder } of await limitCount(tx, names)) {
    const key = limitKey(kind, name);
    take(limits.open, key, taken);
    if (holder.is_backfill) take(share.open, key, taken);
    const ofRun = shares.get(holder.dag_run_id) ?? new Map<string, number>();
    shares.set(holder.dag_run_id, ofRun);
    if (holder.process_id !== null) {
      ofRun.set(holder.process_id, (ofRun.get(holder.process_id) ?? 0) + taken);
    }
  }
  return { limits, share, shares };
}

async function hold(
  tx: Transaction,
  admitted: readonly Claimable[],
  claimed: ReadonlySet<string>,
): Promise<void> {
  const holds = admitted
    .filter(({ id }) => claimed.has(id))
    .flatMap(({ id, limits, poolSlots, isBackfill }) =>
      limits.map((key) => ({
        ...parseLimitKey(key),
        taskInstanceId: id,
        slots: slotsOf(key, poolSlots),
        isBackfill,
      })),
    );
  if (holds.length > 0) await limitHold(tx, holds);
}

/** Brings the copies in memory up to the claim; one that another change came between is dropped. */
function follow(cache: RunCache, rows: readonly ClaimedRow[]): void {
  for (const [dagRunId, claimed] of Map.groupBy(rows, (row) => row.dag_run_id)) {
    const entry = cache.peek(dagRunId);
    const changed = Number(claimed[0]?.changed);
    if (!entry) continue;
    if (entry.changed !== changed - 1) {
      cache.drop(dagRunId);
      continue;
    }
    for (const row of claimed) {
      const instance = entry.state.find(row.task_instance_id);
      if (!instance) continue;
      entry.state.move(instance, "running");
      Object.assign(instance, instanceOf(row));
    }
    entry.state.settle();
    entry.changed = changed;
  }
}
