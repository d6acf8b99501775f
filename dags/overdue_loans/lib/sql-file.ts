import { sqlFiles } from "../../lib/sql-files.ts";

/** The files below `sql/overdue_loans`. */
export const overdueLoansSql = sqlFiles("overdue_loans");
export const { read: readSql, run: runSqlFile, included: includedFiles } = overdueLoansSql;
