import type { RowReader } from "../row-reader.ts";

export type { StreamOptions as MysqlStreamOptions } from "../row-reader.ts";

/**
 * A live connection to one MySQL or MariaDB database, for reading: one query at a time.
 * Types: `bigint` and `decimal` are strings, `date` is `"YYYY-MM-DD"`, `datetime` and `timestamp` are ISO strings in
 * UTC, a zero date is NULL, `json` is parsed, `bit` and `blob` are Buffers.
 */
export type MysqlHook = RowReader;
