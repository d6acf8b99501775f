import { sqlFiles } from "../../lib/sql-files.ts";

/** The folder of this pipeline below the SQL folder. */
export const folder = "payments_app";
export const sql = sqlFiles(folder);
