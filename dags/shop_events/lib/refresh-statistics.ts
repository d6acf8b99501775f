import type { TaskContext } from "@tidemill/dag-core";
import { shopEvents } from "../../connections.ts";
import { runSqlFile } from "./sql-file.ts";

/** Fewer new rows change no plan, and autovacuum sees to them. */
const worthwhileRows = 20_000;

/** After a large load the next one would be planned as if the tables were empty: autovacuum comes a minute later. */
export async function refreshStatistics(
  ctx: TaskContext,
  layer: "raw" | "dds",
  newRows: number,
): Promise<void> {
  if (newRows < worthwhileRows) return;
  await runSqlFile(await ctx.open(shopEvents), `transform/etl/analyze_${layer}.sql`);
}
