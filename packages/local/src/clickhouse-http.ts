import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import type { Readable } from "node:stream";
import { createGunzip, createGzip } from "node:zlib";

import type { ClickHouseEngine, EngineResult, Statement } from "./clickhouse-engine.ts";
import { ClickHouseFault, faultAnswer } from "./clickhouse-fault.ts";
import { insertFromFile, withBodyInFile } from "./clickhouse-insert.ts";
import { readRequest, type ClickHouseRequest } from "./clickhouse-request.ts";

const MAX_STATEMENT_BYTES = 64 * 1024 * 1024;
/** An error in the first bytes of a result still gets its own status, as with a real server. */
const HELD_BYTES = 1024 * 1024;
const LOOPBACK_NAME = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/i;

export interface BridgeOptions {
  readonly engine: ClickHouseEngine;
  /** Where the bodies of inserts wait for the engine. */
  readonly bodyDirectory: string;
}

/** ClickHouse's HTTP interface in front of the embedded engine. */
export function createBridge(options: BridgeOptions): Server {
  const server = createServer((request, response) => {
    void answer(options, request, response);
  });
  server.requestTimeout = 0;
  server.keepAliveTimeout = 30_000;
  return server;
}

async function answer(
  options: BridgeOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const started = performance.now();
  try {
    checkOrigin(request);
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    if (request.method === "GET" && path === "/ping") sendText(response, 200, "Ok.\n");
    else if (path !== "/") sendText(response, 404, `There is no handle ${path}\n`);
    else await runRequest(options, request, response, started);
  } catch (error) {
    sendFault(options, request, response, error);
  }
}

/** A page in a browser must not reach the engine through the user's own machine. */
function checkOrigin({ headers }: IncomingMessage): void {
  if (headers.origin === undefined && LOOPBACK_NAME.test(headers.host ?? "")) return;
  throw new ClickHouseFault(
    516,
    "AUTHENTICATION_FAILED",
    "The local ClickHouse answers programs on this machine only",
  );
}

async function runRequest(
  options: BridgeOptions,
  request: IncomingMessage,
  response: ServerResponse,
  started: number,
): Promise<void> {
  const asked = readRequest(request);
  response.setHeader("X-ClickHouse-Query-Id", asked.queryId ?? randomUUID());
  response.setHeader("X-ClickHouse-Server-Display-Name", "local");
  const gone = new AbortController();
  response.on("close", () => {
    gone.abort();
  });
  const run = (sql: string): Promise<void> =>
    options.engine.run(
      statementOf(asked, sql),
      (result) => send(response, asked, result, { started, insert: sql !== asked.query }),
      gone.signal,
    );
  const body = asked.gzipBody ? gunzip(request) : request;
  if (insertFromFile(asked.query, "") === undefined) return run(await wholeStatement(asked, body));
  await withBodyInFile(options.bodyDirectory, body, (path) =>
    run(insertFromFile(asked.query, path) ?? asked.query),
  );
}

function gunzip(request: IncomingMessage): Readable {
  const plain = createGunzip();
  // Its reader comes a moment later and finds the error then; unheard, it would end the process.
  plain.on("error", () => undefined);
  request.on("error", (error) => plain.destroy(error));
  return request.pipe(plain);
}

async function wholeStatement(asked: ClickHouseRequest, body: Readable): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of body as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAX_STATEMENT_BYTES) {
      const text = `Statement is larger than ${String(MAX_STATEMENT_BYTES)} bytes; send rows in the body and the statement in the parameter query`;
      throw new ClickHouseFault(223, "QUERY_IS_TOO_LARGE", text);
    }
    parts.push(part);
  }
  const lines = [asked.query, Buffer.concat(parts).toString()];
  const sql = lines.filter((line) => line !== "").join("\n");
  if (sql.trim() === "") throw new ClickHouseFault(62, "SYNTAX_ERROR", "Empty query");
  return sql;
}

function statementOf(asked: ClickHouseRequest, sql: string): Statement {
  const { database, settings, parameters, defaultFormat: format } = asked;
  return { sql, format, database, settings, parameters };
}

async function send(
  response: ServerResponse,
  asked: ClickHouseRequest,
  result: EngineResult,
  { started, insert }: { started: number; insert: boolean },
): Promise<void> {
  const chunks = result.chunks[Symbol.asyncIterator]();
  const held: Uint8Array[] = [];
  for (let size = 0; size < HELD_BYTES;) {
    const next = await chunks.next();
    if (next.done === true) break;
    held.push(next.value);
    size += next.value.length;
  }
  response.setHeader("X-ClickHouse-Format", asked.defaultFormat);
  response.setHeader("X-ClickHouse-Summary", summary(result, insert, performance.now() - started));
  response.statusCode = 200;
  const rows = joined(held, chunks);
  if (!asked.gzipAnswer) return pipeline(rows, response);
  response.setHeader("Content-Encoding", "gzip");
  return pipeline(rows, createGzip({ level: 1 }), response);
}

async function* joined(
  held: readonly Uint8Array[],
  chunks: AsyncIterator<Uint8Array>,
): AsyncIterable<Uint8Array> {
  try {
    yield* held;
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
      yield next.value;
    }
  } finally {
    await chunks.return?.();
  }
}

function summary(result: EngineResult, insert: boolean, elapsedMs: number): string {
  const rows = String(result.readRows ?? 0);
  return JSON.stringify({
    read_rows: rows,
    read_bytes: "0",
    written_rows: insert ? rows : "0",
    written_bytes: "0",
    total_rows_to_read: "0",
    result_rows: insert ? rows : "0",
    result_bytes: "0",
    elapsed_ns: String(Math.round(elapsedMs * 1e6)),
  });
}

function sendFault(
  { engine }: BridgeOptions,
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
): void {
  const { status, code, body } = faultAnswer(error, engine.version);
  // Part of the rows are out: a broken connection is the only word that cannot be taken for an end.
  if (response.headersSent) response.destroy();
  if (response.destroyed) return;
  for (const name of ["Content-Encoding", "X-ClickHouse-Summary"]) response.removeHeader(name);
  response.setHeader("X-ClickHouse-Exception-Code", String(code));
  sendText(response, status, body);
  request.resume();
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.statusCode = status;
  response.setHeader("Content-Type", "text/plain; charset=UTF-8");
  response.end(text);
}
