import type { TaskContext } from "@tidemill/dag-core";
import { shopEvents } from "../../connections.ts";
import { includedFiles, readSql } from "./sql-file.ts";

/** Creates what is missing of the schemas etl, dq, raw and dds, in one transaction; what is there stays. */
export const initSchema = (ctx: TaskContext): Promise<{ files: number }> =>
  ctx.transaction(shopEvents, "init_schema", async (tx) => {
    const files = await includedFiles("init_schema.sql");
    for (const file of files) await tx.query(await readSql(file));
    ctx.log.info("schema is there", { files: files.length });
    return { files: files.length };
  });
