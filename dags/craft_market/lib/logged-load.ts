import type { TaskContext } from "@tidemill/dag-core";
import type { PostgresTransaction } from "@tidemill/tasks/postgres";
import { craftMarket } from "../../connections.ts";
import type { LoadCounts } from "../../lib/load-counts.ts";
import { runLog } from "../../lib/run-log.ts";
import { craftMarketSql } from "./sql.ts";

const logged = runLog(craftMarket, craftMarketSql);

/**
 * One load of one target: lock and load in one transaction, counted in `etl.run_log`.
 *
 * @param target Names the lock and the transaction, for example `dwh.f_order`.
 * @example await loggedLoad(ctx, "dwh.f_order", (tx) => mergeFacts(tx));
 */
export const loggedLoad = (
  ctx: TaskContext,
  target: string,
  load: (tx: PostgresTransaction) => Promise<LoadCounts>,
): Promise<LoadCounts> =>
  logged(ctx, () =>
    ctx.transaction(craftMarket, `load ${target}`, async (tx) => {
      await craftMarketSql.run(tx, "../lib/transform/etl/prepare_load.sql", {
        target_table: target,
      });
      return { ...(await load(tx)) };
    }),
  );
