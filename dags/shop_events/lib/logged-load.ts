import type { TaskContext } from "@tidemill/dag-core";
import { shopEvents } from "../../connections.ts";
import type { LoadCounts } from "../../lib/load-counts.ts";
import { runLog } from "../../lib/run-log.ts";
import { requireWarehouse } from "./require-init.ts";
import { shopEventsSql } from "./sql-file.ts";

const inRunLog = runLog(shopEvents, shopEventsSql);

/**
 * Runs a load and leaves its row in `etl.run_log` of the shop events, whether it succeeds or fails.
 *
 * @throws SkipTask or FailTask where `init_dwh` has not run; there is no log to write to then.
 * @example await loggedLoad(ctx, () => loadOrders(ctx));
 */
export async function loggedLoad<Counts extends LoadCounts>(
  ctx: TaskContext,
  load: () => Promise<Counts>,
): Promise<Counts> {
  await requireWarehouse(ctx);
  return inRunLog(ctx, load);
}
