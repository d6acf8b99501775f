import type { TaskContext } from "@tidemill/dag-core";
import type { PostgresTransaction } from "@tidemill/tasks/postgres";
import { countsOf, type CountsRow, type LoadCounts } from "../../lib/load-counts.ts";
import { loggedLoad } from "./logged-load.ts";
import { craftMarketSql } from "./sql.ts";

export type Dimension = "d_craftsman" | "d_customer" | "d_product";

async function merge(
  ctx: TaskContext,
  tx: PostgresTransaction,
  table: Dimension | "f_order",
): Promise<LoadCounts> {
  const { rows: times } = await craftMarketSql.run<{ load_dttm: string }>(
    tx,
    "transform/etl/load_dttm.sql",
  );
  const { rows } = await craftMarketSql.run<CountsRow>(tx, `transform/dwh/${table}.sql`, {
    run_id: ctx.runId,
    load_dttm: times[0]?.load_dttm,
  });
  return countsOf(rows[0]);
}

/** Adds what is new in staging to a dimension and overwrites what changed; the rest keeps its load time. */
export const mergeDimension = (ctx: TaskContext, table: Dimension): Promise<LoadCounts> =>
  loggedLoad(ctx, `dwh.${table}`, (tx) => merge(ctx, tx, table));

/** Gives the staged orders their surrogate keys and merges them; a second order of one key is rejected. */
export const mergeFacts = (ctx: TaskContext): Promise<LoadCounts> =>
  loggedLoad(ctx, "dwh.f_order", async (tx) => {
    await craftMarketSql.run(tx, "transform/staging/tmp_sources_fact.sql");
    return merge(ctx, tx, "f_order");
  });
