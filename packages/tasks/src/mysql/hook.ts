export interface MysqlStreamOptions {
  /** Rows per step. Defaults to 1,000. */
  readonly batchSize?: number;
}

/**
 * A live connection to one MySQL or MariaDB database, for reading: one query at a time.
 * Types: `bigint` and `decimal` are strings, `date` is `"YYYY-MM-DD"`, `datetime` and `timestamp` are ISO strings in
 * UTC, a zero date is NULL, `json` is parsed, `bit` and `blob` are Buffers.
 */
export interface MysqlHook extends AsyncDisposable {
  /** The rows of a query with `@name` parameters. */
  query<Row = Record<string, unknown>>(
    sql: string,
    values?: Readonly<Record<string, unknown>>,
  ): Promise<Row[]>;
  /** The rows in batches as they arrive; what has not been read yet waits at the server. */
  stream<Row = Record<string, unknown>>(
    sql: string,
    values?: Readonly<Record<string, unknown>>,
    options?: MysqlStreamOptions,
  ): AsyncIterable<Row[]>;
}
