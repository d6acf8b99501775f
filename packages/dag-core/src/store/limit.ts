import { limitKey } from "../rules/limits.ts";
import type { Queryable, Store } from "./database.ts";
import type { LimitCountRow, LimitFreedRow, LimitRow } from "./rows.ts";
import { loadQueries } from "./sql.ts";

const q = loadQueries(
  "task_instance",
  "LimitLock",
  "LimitEnsure",
  "LimitCount",
  "LimitFull",
  "LimitFreed",
  "LimitHold",
  "LimitForget",
);

export interface LimitName {
  readonly kind: string;
  readonly name: string;
  /** Capacity to store if nobody has locked the limit before; pools keep theirs in `pool`. */
  readonly capacity?: number | undefined;
}

/**
 * Locks what is counted, in the order of kind and name, and answers with the capacities. A limit that states its
 * capacity is stored with it first.
 */
export async function limitLock(tx: Queryable, limits: readonly LimitName[]): Promise<LimitRow[]> {
  const names = { kinds: limits.map((l) => l.kind), names: limits.map((l) => l.name) };
  const locked = await tx.many<LimitRow>(q.LimitLock, names);
  const found = new Map(locked.map((row) => [limitKey(row.kind, row.name), row.capacity]));
  const differs = (limit: LimitName) => {
    const stored = found.get(limitKey(limit.kind, limit.name));
    return (
      stored === undefined ||
      (limit.kind !== "pool" && limit.capacity !== undefined && limit.capacity !== stored)
    );
  };
  const stale = limits.filter(differs);
  if (stale.length === 0) return locked;
  await tx.exec(q.LimitEnsure, {
    kinds: stale.map((l) => l.kind),
    names: stale.map((l) => l.name),
    capacities: stale.map((l) => l.capacity ?? -1),
  });
  return tx.many<LimitRow>(q.LimitLock, names);
}

/** Slots taken of limits, and where; only under their locks. */
export function limitCount(tx: Queryable, limits: readonly LimitName[]): Promise<LimitCountRow[]> {
  return tx.many(q.LimitCount, {
    kinds: limits.map((l) => l.kind),
    names: limits.map((l) => l.name),
  });
}

/** Limits that are full as far as can be seen without locking them. */
export function limitFull(
  tx: Queryable,
): Promise<{ readonly kind: string; readonly name: string }[]> {
  return tx.many(q.LimitFull);
}

/**
 * Limits that ending task instances hold, with the slots that come back to each and do not exceed its capacity, and the
 * first of other runs than those given among as many as those slots could start: of backfills, and of the others.
 */
export function limitFreed(
  tx: Queryable,
  endedIds: readonly string[],
  dagRunIds: readonly string[],
): Promise<LimitFreedRow[]> {
  return tx.many(q.LimitFreed, { ended_ids: endedIds, dag_run_ids: dagRunIds });
}

export interface LimitHold {
  readonly kind: string;
  readonly name: string;
  readonly taskInstanceId: string;
  readonly slots: number;
  readonly isBackfill: boolean;
}

export function limitHold(tx: Queryable, holds: readonly LimitHold[]): Promise<number> {
  return tx.exec(q.LimitHold, {
    kinds: holds.map((h) => h.kind),
    names: holds.map((h) => h.name),
    ids: holds.map((h) => h.taskInstanceId),
    slots: holds.map((h) => h.slots),
    are_backfill: holds.map((h) => h.isBackfill),
  });
}

/**
 * Caps the tries that run at once in all processes together, from the next claim on; undefined for no cap. Tries that
 * run already are not counted.
 */
export async function limitInstallation(
  database: Store,
  capacity: number | undefined,
): Promise<void> {
  const limit = { kind: "installation", name: "tries" };
  await database.transaction(async (tx) => {
    const [stored] = await limitLock(tx, [limit]);
    if (capacity === undefined && (stored?.capacity ?? -1) < 0) return;
    await limitLock(tx, [{ ...limit, capacity: capacity ?? -1 }]);
    if (capacity === undefined) await tx.exec(q.LimitForget, { kind: limit.kind });
  });
}
