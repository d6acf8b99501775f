import type { BinaryType } from "./copy-binary.ts";
import type { StreamOptions } from "../row-reader.ts";

/** Rows as the driver hands them over; the caller names their type. */
export interface QueryResult<Row> {
  readonly rows: Row[];
  readonly rowCount: number;
}

export type { StreamOptions } from "../row-reader.ts";

export interface CopyOptions {
  /** Ends the copy; nothing of it is stored. */
  readonly signal?: AbortSignal;
}

export interface CopyFromOptions extends CopyOptions {
  /**
   * The types of all columns: the rows go in COPY's binary format, which costs the server less where they are large.
   * A `Buffer` for `text` is its UTF-8. Defaults to the text format, which takes any type.
   */
  readonly types?: readonly BinaryType[];
}

/** Rows to copy: any iterable, so that a large set is never in memory at once. */
export type CopyRows = AsyncIterable<readonly unknown[]> | Iterable<readonly unknown[]>;

/**
 * What can be done on one Postgres session, inside a transaction or not.
 * Types: `bigint` and `numeric` are strings, `date` is `"YYYY-MM-DD"`, `timestamp` and `timestamptz` are
 * ISO strings in UTC with at least milliseconds, `json` is parsed, arrays follow their elements.
 */
export interface PostgresSession {
  /** One statement with positional parameters (`$1`). */
  query<Row = Record<string, unknown>>(
    sql: string,
    values?: readonly unknown[],
  ): Promise<QueryResult<Row>>;
  /**
   * A text with `@name` parameters, of one or more statements; the result is the last statement's.
   * Values are put in as quoted literals, as psql does with `:'name'`: cast them (`@day::date`).
   */
  named<Row = Record<string, unknown>>(
    sql: string,
    values?: Readonly<Record<string, unknown>>,
  ): Promise<QueryResult<Row>>;
  /** Streams rows into a table by `COPY`; answers with their number. `null` and `undefined` are NULL. */
  copyFrom(
    table: string,
    columns: readonly string[],
    rows: CopyRows,
    options?: CopyFromOptions,
  ): Promise<number>;
  /** The rows of a query as bytes in COPY's text format, for a reader that takes them as they are. */
  copyTo(
    sql: string,
    values?: Readonly<Record<string, unknown>>,
    options?: CopyOptions,
  ): AsyncIterable<Buffer>;
  /** The rows of a query in batches, read through a cursor. */
  stream<Row = Record<string, unknown>>(
    sql: string,
    values?: readonly unknown[],
    options?: StreamOptions,
  ): AsyncIterable<Row[]>;
}

/** A session inside an open transaction. */
export interface PostgresTransaction extends PostgresSession {
  readonly inTransaction: true;
}

export interface LockOptions {
  /** How long to wait for the lock. Defaults to `"1m"`. */
  readonly wait?: `${number}${"ms" | "s" | "m" | "h"}`;
}

/** Where the server is, for another system that reads from it. */
export interface PostgresEndpoint {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

/** A live connection to one database; several sessions at once where needed. */
export interface PostgresHook extends PostgresSession, AsyncDisposable {
  /** Runs `fn` in a transaction of its own; an error rolls it back. */
  transaction<T>(fn: (tx: PostgresTransaction) => Promise<T>): Promise<T>;
  /**
   * Runs `fn` while this session holds the advisory lock of `key`. The session given proves the lock:
   * a statement on it fails when the connection, and with it the lock, is gone.
   */
  lock<T>(
    key: string,
    fn: (session: PostgresSession) => Promise<T>,
    options?: LockOptions,
  ): Promise<T>;
  readonly endpoint: PostgresEndpoint;
}
