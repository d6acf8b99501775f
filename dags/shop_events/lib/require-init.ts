import { FailTask, SkipTask, type TaskContext } from "@tidemill/dag-core";
import { clickhouseQuery } from "@tidemill/tasks/clickhouse";
import { marts, shopEvents } from "../../connections.ts";
import { runSqlFile } from "./sql-file.ts";

/** On the first start schedules may be faster than the DAGs that create the tables; a person who asks is told. */
function notThere(ctx: TaskContext, what: string, dagId: string): Error {
  const reason = `${what} is not there yet; run "tidemill trigger ${dagId} --wait"`;
  return ctx.runType === "scheduled" ? new SkipTask(reason) : new FailTask(reason);
}

/**
 * Goes on only where `init_dwh` has run.
 *
 * @throws SkipTask in a scheduled run, FailTask in any other.
 */
export async function requireWarehouse(ctx: TaskContext): Promise<void> {
  const db = await ctx.open(shopEvents);
  const { rows } = await runSqlFile<{ is_there: boolean }>(db, "transform/etl/schema_exists.sql");
  if (rows[0]?.is_there !== true) throw notThere(ctx, "The schema of shop_events", "init_dwh");
}

/**
 * Goes on only where `init_clickhouse` has run.
 *
 * @throws SkipTask in a scheduled run, FailTask in any other.
 */
export async function requireMarts(ctx: TaskContext): Promise<void> {
  const file = "shop_events/summary/marts_exist.sql";
  const [row] = await clickhouseQuery<{ is_there: number }>(ctx, { on: marts, file });
  if (Number(row?.is_there) !== 1) throw notThere(ctx, "The database data_mart", "init_clickhouse");
}
