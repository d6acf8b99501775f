import { FailTask, SkipTask } from "@tidemill/dag-core";
import { overdueLoans } from "../../connections.ts";
import type { LoadContext } from "./load-context.ts";
import { runSqlFile } from "./sql-file.ts";

/**
 * Goes on only where the schema is.
 *
 * @throws SkipTask in a scheduled run, FailTask in any other.
 */
export async function requireSchema(ctx: LoadContext): Promise<void> {
  const db = await ctx.open(overdueLoans);
  const { rows } = await runSqlFile<{ is_there: boolean }>(db, "transform/etl/schema_exists.sql");
  if (rows[0]?.is_there === true) return;
  const reason = `The schema of overdue_loans is not there yet; run "npm run loans -- schema"`;
  throw ctx.runType === "scheduled" ? new SkipTask(reason) : new FailTask(reason);
}
