import type { TaskContext } from "@tidemill/dag-core";
import { shopEvents } from "../../connections.ts";
import { includedFiles, readSql } from "./sql-file.ts";

/**
 * Creates what is missing of the schemas etl, dq, raw and dds; what is there stays. Each file is a transaction of its
 * own: one for all would hold the locks of each table and view until its end, and deadlock with loads that run meanwhile.
 */
export async function initSchema(ctx: TaskContext): Promise<{ files: number }> {
  const warehouse = await ctx.open(shopEvents);
  const files = await includedFiles("init_schema.sql");
  for (const file of files) await warehouse.query(await readSql(file));
  ctx.log.info("schema is there", { files: files.length });
  return { files: files.length };
}
