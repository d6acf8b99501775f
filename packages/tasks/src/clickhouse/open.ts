import { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import {
  type ClickHouseClient,
  ClickHouseError,
  ClickHouseLogLevel,
  createClient,
} from "@clickhouse/client";
import { errorCode, isNetworkError, type System, unreachable } from "../unreachable.ts";
import { tlsFiles } from "../tls-files.ts";
import type { ClickHouseHook, ClickHouseInsertOptions, ClickHouseQueryOptions } from "./hook.ts";
import { quoteName } from "./quote.ts";

/** A load of a large mart takes minutes; the task's own timeout ends it sooner through its signal. */
const requestTimeoutMs = 600_000;
const authenticationFailed = "516";

/** Numbers that JavaScript cannot hold come as strings; nothing is kept between requests. */
const settings = {
  output_format_json_quote_64bit_integers: 1,
  output_format_json_quote_decimals: 1,
  output_format_decimal_trailing_zeros: 1,
  date_time_input_format: "best_effort",
} as const;

async function clientOf(uri: string): Promise<ClickHouseClient> {
  const url = new URL(uri);
  const { ca, cert, key } = await tlsFiles(url.searchParams);
  const tls = ca && (cert && key ? { ca_cert: ca, cert, key } : { ca_cert: ca });
  return createClient({
    url: url.origin,
    username: decodeURIComponent(url.username) || "default",
    password: decodeURIComponent(url.password),
    database: databaseOf(url),
    application: "tidemill",
    request_timeout: requestTimeoutMs,
    clickhouse_settings: settings,
    // What goes wrong is thrown; the client's own log would print it a second time, with the query's values.
    log: { level: ClickHouseLogLevel.OFF },
    ...(tls && { tls }),
  });
}

const databaseOf = (url: URL): string => decodeURIComponent(url.pathname.slice(1)) || "default";

/** Connection errors by name and address; the server's own errors as they came. */
function clickHouseError(system: System, error: unknown): unknown {
  if (error instanceof ClickHouseError && error.code === authenticationFailed) {
    return unreachable(system, error, "the account or its password is refused");
  }
  const timedOut = error instanceof Error && error.message.startsWith("Timeout error");
  if (isNetworkError(error)) return unreachable(system, error);
  return timedOut ? unreachable(system, error, "no answer in time") : error;
}

/** What every request carries. The client's own type wants each setting by its name. */
const requestOptions = ({ settings: given, signal }: Omit<ClickHouseQueryOptions, "values">) => ({
  ...(given && { clickhouse_settings: given }),
  ...(signal && { abort_signal: signal }),
});

/** Fewer, larger chunks: a write for each row would cost more than its encoding. */
const chunkCharacters = 64 * 1024;

async function* jsonLines(rows: AsyncIterable<object> | Iterable<object>): AsyncGenerator<Buffer> {
  let chunk = "";
  for await (const row of rows) {
    chunk += `${JSON.stringify(row)}\n`;
    if (chunk.length < chunkCharacters) continue;
    yield Buffer.from(chunk);
    chunk = "";
  }
  if (chunk !== "") yield Buffer.from(chunk);
}

/** Sent as raw bytes in any format: the client's own encoder writes to the console when a stream is aborted. */
async function insertInto(
  client: ClickHouseClient,
  table: string,
  rows: AsyncIterable<object> | Iterable<object>,
  { columns = [], format, ...rest }: ClickHouseInsertOptions,
): Promise<void> {
  const bytes = format === "TabSeparated" ? rows : jsonLines(rows);
  const names = columns.length === 0 ? "" : ` (${columns.map(quoteName).join(", ")})`;
  const { stream } = await client.exec({
    query: `insert into ${table}${names} format ${format}`,
    values: Readable.from(bytes, { objectMode: false }),
    ...requestOptions(rest),
  });
  // The answer has no content, but the socket is free only when it has been read.
  stream.resume();
  await finished(stream);
}

/** Opens a client for one attempt and reaches the server once, so that a wrong address fails at once. */
export async function openClickHouse(
  uri: string,
  remedy: string,
  signal: AbortSignal,
): Promise<ClickHouseHook> {
  const url = new URL(uri);
  const system = { system: "ClickHouse", address: url.host, remedy };
  const client = await clientOf(uri);
  const named = async <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw clickHouseError(system, error);
    });
  signal.throwIfAborted();
  const ping = await client.ping();
  if (!ping.success) {
    await client.close();
    throw unreachable(system, ping.error, errorCode(ping.error) ?? ping.error.message);
  }
  return {
    query: async <Row>(query: string, { values, ...rest }: ClickHouseQueryOptions = {}) => {
      const request = { query, format: "JSONEachRow", ...requestOptions(rest) } as const;
      const result = await named(
        client.query({ ...request, ...(values && { query_params: values }) }),
      );
      return named(result.json<Row>());
    },
    command: async (query, { values, ...rest } = {}) => {
      const request = { query, ...requestOptions(rest) };
      await named(client.command({ ...request, ...(values && { query_params: values }) }));
    },
    insert: (table, rows, options) => named(insertInto(client, table, rows, options)),
    database: databaseOf(url),
    address: url.host,
    [Symbol.asyncDispose]: () => client.close(),
  };
}
