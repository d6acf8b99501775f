import type { Readable } from "node:stream";

export interface ClickHouseQueryOptions {
  /** Values of `{name:Type}` parameters. */
  readonly values?: Readonly<Record<string, unknown>>;
  readonly settings?: Readonly<Record<string, string | number>>;
  readonly signal?: AbortSignal;
}

export interface ClickHouseInsertOptions extends Omit<ClickHouseQueryOptions, "values"> {
  readonly columns?: readonly string[];
  /** Format of the chunks. */
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
  /** Streams rows into a table. */
  insert(
    table: string,
    chunks: AsyncIterable<Buffer> | readonly object[] | Readable,
    options: ClickHouseInsertOptions,
  ): Promise<void>;
  /** The database of the URI. */
  readonly database: string;
  /** The server, for messages. */
  readonly address: string;
}
