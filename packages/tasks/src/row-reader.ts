export interface StreamOptions {
  /** Rows per step. Defaults to 1,000. */
  readonly batchSize?: number;
}

/** A live connection that reads rows: one query at a time. */
export interface RowReader extends AsyncDisposable {
  /** The rows of a query with `@name` parameters. */
  query<Row = Record<string, unknown>>(
    sql: string,
    values?: Readonly<Record<string, unknown>>,
  ): Promise<Row[]>;
  /** The rows in batches as they arrive; what has not been read yet waits at the server. */
  stream<Row = Record<string, unknown>>(
    sql: string,
    values?: Readonly<Record<string, unknown>>,
    options?: StreamOptions,
  ): AsyncIterable<Row[]>;
}

/** A reader that reads a whole answer as it reads batches. */
export function rowReader({ stream, ...rest }: Omit<RowReader, "query">): RowReader {
  return {
    ...rest,
    stream,
    async query<Row>(sql: string, values: Readonly<Record<string, unknown>> = {}) {
      const rows: Row[] = [];
      for await (const batch of stream<Row>(sql, values)) rows.push(...batch);
      return rows;
    },
  };
}
