import type { TaskContext } from "@tidemill/dag-core";
import { clickhouseSql } from "@tidemill/tasks/clickhouse";
import { marts, paymentsApp } from "../../connections.ts";
import { folder, sql } from "./sql.ts";

/** Creates what is missing of the warehouse and its procedures, in one transaction; what is there stays. */
export const initSchema = (ctx: TaskContext): Promise<{ files: number }> =>
  ctx.transaction(paymentsApp, "init_schema", async (tx) => {
    const files = await sql.included("init_schema.sql");
    for (const file of files) await tx.query(await sql.read(file));
    ctx.log.info("schema is there", { files: files.length });
    return { files: files.length };
  });

export const initMarts = (ctx: TaskContext): Promise<{ statements: number }> =>
  clickhouseSql(ctx, { on: marts, file: `${folder}/clickhouse/001_init_payments_mart.sql` });
