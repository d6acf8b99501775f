import {
  createConnection,
  type Connection,
  type ConnectionOptions,
  type TypeCastField,
} from "mysql2";
import { boundText } from "../bound-parameters.ts";
import { tlsFiles } from "../tls-files.ts";
import { errorCode, isNetworkError, type System, unreachable } from "../unreachable.ts";
import type { MysqlHook, MysqlStreamOptions } from "./hook.ts";
import { rowReader } from "../row-reader.ts";

const connectTimeoutMs = 10_000;

/** Server answers that mean the address or the account is wrong, by their names. */
const refusals: Readonly<Record<string, string>> = {
  ER_ACCESS_DENIED_ERROR: "the account or its password is refused",
  ER_DBACCESS_DENIED_ERROR: "the account may not use the database",
  ER_BAD_DB_ERROR: "the database does not exist",
  ER_CON_COUNT_ERROR: "it has no connection left",
  PROTOCOL_CONNECTION_LOST: "it closed the connection",
};

/** `2024-03-01 10:00:00.5` as `2024-03-01T10:00:00.500Z`; a zero date is no date. */
function isoOfMysql(text: string | null): string | null {
  const match = /^(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d:\d\d)(?:\.(\d+))?)?$/.exec(text ?? "");
  if (!match || match[1]?.includes("-00") || match[1]?.startsWith("0000")) return null;
  return match[2] === undefined
    ? (match[1] ?? null)
    : `${match[1]}T${match[2]}.${(match[3] ?? "").padEnd(3, "0")}Z`;
}

const times: ReadonlySet<string> = new Set(["DATE", "DATETIME", "TIMESTAMP", "NEWDATE"]);
const cast = (field: TypeCastField, next: () => unknown): unknown =>
  times.has(field.type) ? isoOfMysql(field.string()) : next();

async function optionsOf(uri: string): Promise<ConnectionOptions> {
  const url = new URL(uri);
  const mode = url.searchParams.get("sslmode") ?? "disable";
  const ssl = {
    ...(await tlsFiles(url.searchParams)),
    rejectUnauthorized: mode.startsWith("verify"),
  };
  return {
    host: url.hostname || "localhost",
    port: Number(url.port || 3306),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    ...(mode !== "disable" && { ssl }),
    charset: "utf8mb4",
    timezone: "Z",
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    typeCast: cast,
    connectTimeout: connectTimeoutMs,
    enableKeepAlive: true,
  };
}

function explain(system: System, error: unknown): unknown {
  const refusal = refusals[errorCode(error) ?? ""];
  if (refusal !== undefined) return unreachable(system, error, refusal);
  const isFatal = error instanceof Error && (error as { fatal?: boolean }).fatal === true;
  return isNetworkError(error) || isFatal ? unreachable(system, error) : error;
}

const connected = (connection: Connection): Promise<void> =>
  new Promise((resolve, reject) => {
    connection.connect((error) => (error ? reject(error) : resolve()));
  });

/** A Date as the server reads it in its session's zone, UTC. */
const bound = (values: readonly unknown[]): unknown[] =>
  values.map((value) =>
    value instanceof Date ? value.toISOString().slice(0, 23).replace("T", " ") : value,
  );

async function* readStream<Row>(
  connection: Connection,
  text: string,
  values: readonly unknown[],
  batchSize: number,
): AsyncGenerator<Row[]> {
  const rows = connection.query(text, bound(values)).stream({ highWaterMark: batchSize });
  let batch: Row[] = [];
  let isRead = false;
  try {
    for await (const row of rows) {
      batch.push(row as Row);
      if (batch.length < batchSize) continue;
      yield batch;
      batch = [];
    }
    isRead = true;
  } finally {
    // Left early, the server still sends: only closing the connection stops it.
    if (!isRead) connection.destroy();
  }
  if (batch.length > 0) yield batch;
}

/** Opens one connection of an attempt, in UTC; it ends when the attempt is aborted. */
export async function openMysql(
  uri: string,
  remedy: string,
  signal: AbortSignal,
): Promise<MysqlHook> {
  const options = await optionsOf(uri);
  const system = { system: "MySQL", address: `${options.host}:${options.port}`, remedy };
  signal.throwIfAborted();
  const connection = createConnection(options);
  // An error without a query is reported by the next query; unheard, it would end the process.
  connection.on("error", () => undefined);
  const end = (): void => connection.destroy();
  signal.addEventListener("abort", end, { once: true });
  const failed = (error: unknown): unknown =>
    signal.aborted ? signal.reason : explain(system, error);
  async function* stream<Row>(
    sql: string,
    values: Readonly<Record<string, unknown>> = {},
    { batchSize = 1_000 }: MysqlStreamOptions = {},
  ): AsyncGenerator<Row[]> {
    const query = boundText(sql, values, () => "?");
    try {
      yield* readStream<Row>(connection, query.text, query.values, batchSize);
    } catch (error) {
      throw failed(error);
    }
  }
  try {
    await connected(connection);
    await connection.promise().query("set time_zone = '+00:00', sql_mode = 'ANSI_QUOTES'");
  } catch (error) {
    connection.destroy();
    throw failed(error);
  }
  return rowReader({
    stream,
    async [Symbol.asyncDispose]() {
      signal.removeEventListener("abort", end);
      await connection
        .promise()
        .end()
        .catch(() => connection.destroy());
    },
  });
}
