import { sqlFiles } from "../../lib/sql-files.ts";

/** The files below `sql/craft_market`. */
export const craftMarketSql = sqlFiles("craft_market");
