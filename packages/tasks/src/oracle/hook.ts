import type { RowReader } from "../row-reader.ts";

export type { StreamOptions as OracleStreamOptions } from "../row-reader.ts";

/**
 * A live connection to one Oracle database, for reading: one query at a time. Names of columns are in lower case.
 * Types: `NUMBER` is a string, `DATE` and `TIMESTAMP` are ISO strings of their wall clock, read as UTC; `TIMESTAMP
 * WITH TIME ZONE` is an ISO string in UTC, `CLOB` is text.
 */
export type OracleHook = RowReader;
