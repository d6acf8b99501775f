import { overdueLoans } from "../../connections.ts";
import { countsOf, type CountsRow, type LoadCounts } from "../../lib/load-counts.ts";
import type { LoadContext } from "./load-context.ts";
import { loggedLoad } from "./logged-load.ts";
import { runSqlFile } from "./sql-file.ts";

/** Fewer new rows change no plan, and autovacuum sees to them. */
const worthwhileRows = 20_000;

/**
 * Brings `mart.data_mart` up to core and notes the parts as loaded, in one transaction.
 *
 * @example await buildMart(ctx, [1, 2]);
 */
export const buildMart = (ctx: LoadContext, parts: readonly number[]): Promise<LoadCounts> =>
  loggedLoad(
    ctx,
    async () => {
      const counts = await ctx.transaction(
        overdueLoans,
        `mart of parts ${parts.join(", ")}`,
        async (tx) => {
          const target = { target_table: "mart.data_mart" };
          await runSqlFile(tx, "../lib/transform/etl/prepare_load.sql", target);
          const { rows } = await runSqlFile<CountsRow>(tx, "transform/mart/data_mart.sql");
          for (const part of parts) {
            const loaded = { part, run_id: ctx.runId };
            await runSqlFile(tx, "transform/etl/loaded_parts.sql", loaded);
          }
          return countsOf(rows[0]);
        },
      );
      if (counts.rowsOut >= worthwhileRows) {
        await runSqlFile(await ctx.open(overdueLoans), "transform/etl/analyze_layers.sql");
      }
      return counts;
    },
    { task: "build_mart" },
  );
