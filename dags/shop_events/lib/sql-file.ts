import { sqlFiles } from "../../lib/sql-files.ts";

export { valuesFor } from "../../lib/sql-files.ts";

/** The files below `sql/shop_events`. */
export const shopEventsSql = sqlFiles("shop_events");
export const { read: readSql, run: runSqlFile, included: includedFiles } = shopEventsSql;
