import type { Queryable } from "./database.ts";
import { loadQueries } from "./sql.ts";

const q = loadQueries("pool", "PoolSet", "PoolWants", "PoolSlots", "PoolList");

export interface PoolRow {
  readonly pool: string;
  readonly slots: number;
  readonly description: string;
}

export interface PoolUseRow extends PoolRow {
  /** Slots that running tasks take. */
  readonly taken: number;
  readonly running: number;
  readonly waiting: number;
}

export interface PoolSetOptions {
  readonly pool: string;
  readonly slots: number;
  readonly description?: string | undefined;
}

export async function poolSet(tx: Queryable, options: PoolSetOptions): Promise<PoolRow> {
  const { pool, slots, description = null } = options;
  const row = await tx.one<PoolRow>(q.PoolSet, { pool, slots, description });
  return row ?? { pool, slots, description: description ?? "" };
}

export interface PoolWantRow {
  readonly dag_id: string;
  readonly task_id: string;
  readonly pool_slots: number;
}

export function poolWants(
  tx: Queryable,
  pool: string,
  slots: number,
): Promise<PoolWantRow | undefined> {
  return tx.one(q.PoolWants, { pool, slots });
}

/** Slots of each pool, -1 for no cap. */
export async function poolSlots(tx: Queryable): Promise<ReadonlyMap<string, number>> {
  const rows = await tx.many<Pick<PoolRow, "pool" | "slots">>(q.PoolSlots);
  return new Map(rows.map(({ pool, slots }) => [pool, slots]));
}

export function poolList(tx: Queryable): Promise<PoolUseRow[]> {
  return tx.many(q.PoolList);
}
