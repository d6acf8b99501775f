import { overdueLoans } from "../../connections.ts";
import { runLog } from "../../lib/run-log.ts";
import { overdueLoansSql } from "./sql-file.ts";

/** Runs a load and leaves its row in `etl.run_log` of the overdue loans, whether it succeeds or fails. */
export const loggedLoad = runLog(overdueLoans, overdueLoansSql);
