import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { from as copyFromStream, to as copyToStream } from "pg-copy-streams";
import Cursor from "pg-cursor";
import { BinaryRows } from "./copy-binary.ts";
import { copyChunks } from "./copy-chunks.ts";
import { TextRows } from "./copy-text.ts";
import type {
  CopyFromOptions,
  CopyOptions,
  CopyRows,
  PostgresSession,
  QueryResult,
  StreamOptions,
} from "./hook.ts";
import { driverValues, inlineParameters } from "./named-sql.ts";

/** Gives a client for the length of `fn`: the one of a transaction, or one of the pool. */
export interface ClientSource {
  readonly acquire: () => Promise<{ client: pg.ClientBase; release: (error?: Error) => void }>;
  /** An error of a lost connection as one that names the server; any other as it is. */
  readonly explain: (error: unknown) => unknown;
}

export const quoteTable = (table: string): string =>
  table
    .split(".")
    .map((part) => pg.escapeIdentifier(part))
    .join(".");
const quoteColumns = (columns: readonly string[]): string =>
  columns.map((column) => pg.escapeIdentifier(column)).join(", ");
const toError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(String(thrown));

async function using<T>(
  source: ClientSource,
  fn: (client: pg.ClientBase) => Promise<T>,
): Promise<T> {
  const { client, release } = await source.acquire();
  try {
    const result = await fn(client);
    release();
    return result;
  } catch (error) {
    // A client whose connection broke must not go back into the pool; an SQL error leaves it usable.
    release(error instanceof pg.DatabaseError ? undefined : toError(error));
    throw source.explain(error);
  }
}

/** The result of the last statement: of several, the driver gives a list. */
function lastResult<Row>(result: pg.QueryResult | readonly pg.QueryResult[]): QueryResult<Row> {
  const last = Array.isArray(result)
    ? (result as readonly pg.QueryResult[]).at(-1)
    : (result as pg.QueryResult);
  return { rows: (last?.rows ?? []) as Row[], rowCount: last?.rowCount ?? 0 };
}

async function copyIn(
  client: pg.ClientBase,
  sql: string,
  rows: CopyRows,
  { types, signal }: CopyFromOptions,
): Promise<number> {
  const target = client.query(copyFromStream(types ? `${sql} (format binary)` : sql));
  const chunks = copyChunks<string | Buffer>(rows, types ? new BinaryRows(types) : new TextRows());
  await pipeline(Readable.from(chunks), target, { ...(signal && { signal }) });
  return target.rowCount;
}

async function* copyOut(
  source: ClientSource,
  sql: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  const { client, release } = await source.acquire();
  let finished = false;
  try {
    const rows = client.query(copyToStream(sql));
    for await (const chunk of rows) {
      signal?.throwIfAborted();
      yield chunk as Buffer;
    }
    finished = true;
  } catch (error) {
    throw source.explain(error);
  } finally {
    // Left early, the server still sends: only closing the connection stops it.
    release(finished ? undefined : new Error("copy left before its end"));
  }
}

async function* readCursor<Row>(
  source: ClientSource,
  sql: string,
  values: readonly unknown[],
  batchSize: number,
): AsyncGenerator<Row[]> {
  const { client, release } = await source.acquire();
  let failure: Error | undefined;
  try {
    const cursor = client.query(new Cursor<Row>(sql, driverValues(values)));
    try {
      for (;;) {
        const rows = await cursor.read(batchSize);
        if (rows.length > 0) yield rows;
        if (rows.length < batchSize) return;
      }
    } finally {
      await cursor.close();
    }
  } catch (error) {
    failure = error instanceof pg.DatabaseError ? undefined : toError(error);
    throw source.explain(error);
  } finally {
    release(failure);
  }
}

/** The operations of a session over wherever its clients come from. */
export function sessionOver(source: ClientSource): PostgresSession {
  return {
    query: <Row>(sql: string, values: readonly unknown[] = []) =>
      using(source, async (client) =>
        lastResult<Row>(await client.query(sql, driverValues(values))),
      ),
    named: <Row>(sql: string, values: Readonly<Record<string, unknown>> = {}) =>
      using(source, async (client) =>
        lastResult<Row>(await client.query(inlineParameters(sql, values))),
      ),
    copyFrom: (table, columns, rows, options = {}) =>
      using(source, (client) => {
        const sql = `copy ${quoteTable(table)} (${quoteColumns(columns)}) from stdin`;
        return copyIn(client, sql, rows, options);
      }),
    copyTo: (sql, values, options: CopyOptions = {}) =>
      copyOut(source, `copy (${inlineParameters(sql, values)}\n) to stdout`, options.signal),
    stream: <Row>(sql: string, values: readonly unknown[] = [], options: StreamOptions = {}) =>
      readCursor<Row>(source, sql, values, options.batchSize ?? 1_000),
  };
}
