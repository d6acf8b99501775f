export interface OracleStreamOptions {
  /** Rows per step. Defaults to 1,000. */
  readonly batchSize?: number;
}

/**
 * A live connection to one Oracle database, for reading: one query at a time. Names of columns are in lower case.
 * Types: `NUMBER` is a string, `DATE` and `TIMESTAMP` are ISO strings of their wall clock, read as UTC; `TIMESTAMP
 * WITH TIME ZONE` is an ISO string in UTC, `CLOB` is text.
 */
export interface OracleHook extends AsyncDisposable {
  /** The rows of a query with `@name` parameters. */
  query<Row = Record<string, unknown>>(
    sql: string,
    values?: Readonly<Record<string, unknown>>,
  ): Promise<Row[]>;
  /** The rows in batches. */
  stream<Row = Record<string, unknown>>(
    sql: string,
    values?: Readonly<Record<string, unknown>>,
    options?: OracleStreamOptions,
  ): AsyncIterable<Row[]>;
}
