import type { TaskContext } from "@tidemill/dag-core";
import { craftMarket } from "../../connections.ts";
import { craftMarketSql } from "./sql.ts";

/** Creates what is missing of the warehouse and of the tables of its sources; what is there stays. */
export const initSchema = (ctx: TaskContext): Promise<{ files: number }> =>
  ctx.transaction(craftMarket, "init_schema", async (tx) => {
    const files = await craftMarketSql.included("init_schema.sql");
    for (const file of files) await tx.query(await craftMarketSql.read(file));
    ctx.log.info("schema is there", { files: files.length });
    return { files: files.length };
  });
