import { overdueLoans } from "../../connections.ts";
import type { LoadContext } from "./load-context.ts";
import { includedFiles, readSql } from "./sql-file.ts";

/** Creates what is missing of the schemas, types, tables and views, in one transaction; what is there stays. */
export const initSchema = (ctx: LoadContext): Promise<{ files: number }> =>
  ctx.transaction(overdueLoans, "init_schema", async (tx) => {
    const files = await includedFiles("init_schema.sql");
    for (const file of files) await tx.query(await readSql(file));
    ctx.log.info("schema is there", { files: files.length });
    return { files: files.length };
  });
