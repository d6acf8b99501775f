import { runLog } from "../../lib/run-log.ts";
import { sqlFiles } from "../../lib/sql-files.ts";
import { shopSales } from "../../connections.ts";

export const sql = sqlFiles("shop_sales");

/** Leaves a row in `etl.run_log` of `shop_sales`. */
export const loggedLoad = runLog(shopSales, sql);
