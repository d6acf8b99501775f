import type { Queryable } from "./database.ts";
import { loadQueries } from "./sql.ts";

const q = loadQueries("read_model", "StuckList");

/** A task instance that nothing will ever wake. */
export interface StuckRow {
  readonly dag_id: string;
  readonly run_id: string;
  readonly task_id: string | null;
  readonly map_index: number | null;
  readonly state: string;
}

/** Most of them that {@link stuckList} names. */
export const mostStuck = 100;

/** The first of them; each is a defect of the engine, or of somebody's hand in its tables. */
export function stuckList(tx: Queryable): Promise<StuckRow[]> {
  return tx.many(q.StuckList, { max_rows: mostStuck });
}
