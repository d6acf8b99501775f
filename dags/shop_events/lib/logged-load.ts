import { shopEvents } from "../../connections.ts";
import { runLog } from "../../lib/run-log.ts";
import { shopEventsSql } from "./sql-file.ts";

/**
 * Runs a load and leaves its row in `etl.run_log` of the shop events, whether it succeeds or fails.
 *
 * @example await loggedLoad(ctx, () => loadOrders(ctx));
 */
export const loggedLoad = runLog(shopEvents, shopEventsSql);
