export interface ClickHouseQueryOptions {
  /** Values of `{name:Type}` parameters. */
  readonly values?: Readonly<Record<string, unknown>>;
  readonly settings?: Readonly<Record<string, string | number>>;
  readonly signal?: AbortSignal;
}

export interface ClickHouseInsertOptions extends Omit<ClickHouseQueryOptions, "values"> {
  readonly columns?: readonly string[];
  /** `TabSeparated` takes bytes as they are, the JSON formats a row at a time: an array, or an object. */
  readonly format: "TabSeparated" | "JSONCompactEachRow" | "JSONEachRow";
}

/** A live connection to a ClickHouse server and one of its databases. */
export interface ClickHouseHook extends AsyncDisposable {
  /** Rows as objects; 64-bit integers and decimals are strings. */
  query<Row = Record<string, unknown>>(
    sql: string,
    options?: ClickHouseQueryOptions,
  ): Promise<Row[]>;
  /** One statement without a result. */
  command(sql: string, options?: ClickHouseQueryOptions): Promise<void>;
  /** Streams rows into a table, whose name is quoted by the caller. */
  insert(
    table: string,
    rows: AsyncIterable<object> | Iterable<object>,
    options: ClickHouseInsertOptions,
  ): Promise<void>;
  /** The database of the URI. */
  readonly database: string;
  /** The server, for messages. */
  readonly address: string;
}
