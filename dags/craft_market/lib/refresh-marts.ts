import type { TaskContext } from "@tidemill/dag-core";
import { countsOf, type CountsRow, type LoadCounts } from "../../lib/load-counts.ts";
import { loggedLoad } from "./logged-load.ts";
import { craftMarketSql } from "./sql.ts";

export interface RefreshOptions {
  /** Computes every month of everybody again and removes what no order supports. Defaults to false. */
  readonly rebuild?: boolean;
}

/** Under their locks no merge is half done: whatever it loads is either seen or later than the watermark. */
const targets = ["dwh.d_craftsman", "dwh.d_customer", "dwh.d_product", "dwh.f_order"];

/**
 * Computes the months again whose orders, products, craftsmen or customers changed since the watermark,
 * each from all of its orders, and moves the watermark in the same transaction.
 *
 * @returns `rowsIn` counts the months computed, `rowsOut` those that came out different.
 */
export const refreshMart = (
  ctx: TaskContext,
  subject: "customer" | "craftsman",
  { rebuild = false }: RefreshOptions = {},
): Promise<LoadCounts> =>
  loggedLoad(ctx, `dwh.${subject}_report_datamart`, async (tx) => {
    for (const target of targets) {
      await craftMarketSql.run(tx, "../lib/transform/etl/prepare_load.sql", {
        target_table: target,
      });
    }
    const { rows } = await craftMarketSql.run<CountsRow>(
      tx,
      `transform/dwh/${subject}_report_datamart.sql`,
      { rebuild },
    );
    return countsOf(rows[0]);
  });

/** Refreshes the materialized view of orders by month; the loyalty profile is a view and needs none. */
export const refreshViews = (ctx: TaskContext): Promise<LoadCounts> =>
  loggedLoad(ctx, "dwh.orders_report_materialized_view", async (tx) => {
    const { rows } = await craftMarketSql.run<CountsRow>(
      tx,
      "transform/dwh/orders_report_materialized_view.sql",
    );
    return countsOf(rows[0]);
  });
