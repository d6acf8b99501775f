import type { IncomingMessage } from "node:http";

import { ClickHouseFault } from "./clickhouse-fault.ts";

/** The part of a request that its address and headers hold. */
export interface ClickHouseRequest {
  readonly query: string;
  readonly queryId: string | undefined;
  readonly database: string | undefined;
  readonly defaultFormat: string;
  readonly settings: ReadonlyMap<string, string>;
  readonly parameters: ReadonlyMap<string, string>;
  readonly gzipBody: boolean;
  readonly gzipAnswer: boolean;
}

/** Address parameters that the HTTP server itself understands; all others are settings. */
const OF_THE_SERVER = new Set([
  "query",
  "query_id",
  "database",
  "default_format",
  "user",
  "password",
  "role",
  "quota_key",
  "stacktrace",
  "wait_end_of_query",
  "buffer_size",
  "enable_http_compression",
  "http_zlib_compression_level",
  "http_native_compression_disable_checksumming_on_decompress",
  "send_progress_in_http_headers",
  "http_headers_progress_interval_ms",
  "http_response_buffer_size",
  "http_write_exception_in_output_format",
  "cancel_http_readonly_queries_on_client_close",
  "client_protocol_version",
]);
const REFUSED = new Map([
  ["session_id", "sessions are not kept by the local ClickHouse; send one statement a request"],
  ["compress", "ClickHouse's own compression is not served locally; use gzip"],
  ["decompress", "ClickHouse's own compression is not served locally; use gzip"],
]);
const WORD = /^\w+$/;

export function readRequest(request: IncomingMessage): ClickHouseRequest {
  const { searchParams } = new URL(request.url ?? "/", "http://localhost");
  checkUser(request, searchParams);
  const { settings, parameters } = sortParameters(searchParams);
  const wantsGzip = (request.headers["accept-encoding"] ?? "").toString().includes("gzip");
  return {
    query: searchParams.get("query") ?? "",
    queryId: searchParams.get("query_id") ?? undefined,
    database: searchParams.get("database") ?? header(request, "x-clickhouse-database"),
    defaultFormat:
      searchParams.get("default_format") ??
      header(request, "x-clickhouse-format") ??
      "TabSeparated",
    settings,
    parameters,
    gzipBody: bodyIsGzip(request),
    gzipAnswer: wantsGzip && searchParams.get("enable_http_compression") === "1",
  };
}

function sortParameters(
  search: URLSearchParams,
): Pick<ClickHouseRequest, "settings" | "parameters"> {
  const settings = new Map<string, string>();
  const parameters = new Map<string, string>();
  for (const [name, value] of search) {
    const refusal = REFUSED.get(name);
    if (refusal !== undefined && value !== "0")
      throw new ClickHouseFault(48, "NOT_IMPLEMENTED", refusal);
    if (!WORD.test(name))
      throw new ClickHouseFault(115, "UNKNOWN_SETTING", `Unknown setting '${name}'`);
    if (name.startsWith("param_")) parameters.set(name.slice("param_".length), value);
    else if (!OF_THE_SERVER.has(name) && refusal === undefined) settings.set(name, value);
  }
  return { settings, parameters };
}

function bodyIsGzip(request: IncomingMessage): boolean {
  const encoding = request.headers["content-encoding"] ?? "identity";
  if (encoding === "identity") return false;
  if (encoding === "gzip") return true;
  throw new ClickHouseFault(
    48,
    "NOT_IMPLEMENTED",
    `Content-Encoding '${encoding}' is not served locally; use gzip`,
  );
}

function checkUser(request: IncomingMessage, search: URLSearchParams): void {
  const [basicUser, basicPassword] = basicLogin(request);
  const user = search.get("user") ?? header(request, "x-clickhouse-user") ?? basicUser ?? "default";
  const password =
    search.get("password") ?? header(request, "x-clickhouse-key") ?? basicPassword ?? "";
  if ((user === "default" || user === "") && password === "") return;
  const text = `${user}: Authentication failed: password is incorrect, or there is no user with such name; the local ClickHouse knows the user default without password`;
  throw new ClickHouseFault(516, "AUTHENTICATION_FAILED", text);
}

function basicLogin(request: IncomingMessage): [string | undefined, string | undefined] {
  const encoded = /^Basic (.+)$/i.exec(request.headers.authorization ?? "")?.[1];
  if (encoded === undefined) return [undefined, undefined];
  const login = Buffer.from(encoded, "base64").toString();
  const colon = login.indexOf(":");
  return colon === -1 ? [login, ""] : [login.slice(0, colon), login.slice(colon + 1)];
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === "string" ? value : undefined;
}
