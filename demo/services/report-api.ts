import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReportFiles } from "../../dags/shop_sales/lib/generator/report-files.ts";
import type { RunningService } from "./service.ts";

/** What the service reports on. */
export interface ReportSource {
  /** Tells reports of different content apart. */
  readonly key: string;
  readonly startDay: string;
  readonly endDay: string;
  /** The files of the base report. */
  history(): ReportFiles;
  /** The files of the increment of a day; undefined when there is none. */
  increment(day: string): ReportFiles | undefined;
}

export interface ReportApiOptions {
  readonly source: ReportSource;
  /** Polls that a report answers with RUNNING before it is there. Defaults to 1. */
  readonly pollsRunning?: number;
  /** Days whose increment has no id, though the service says SUCCESS. Defaults to none. */
  readonly nullIncrements?: readonly string[];
  /** The port to take when it is free. Defaults to any. */
  readonly port?: number;
}

const nickname = "shop";
const cohort = "1";
/** Of a service on the loopback that holds made-up data; it lets tests see that the key is sent. */
const apiKey = "local-report-key";
const mostTasks = 1_000;

interface Answer {
  readonly status: number;
  readonly body: object;
}

const ok = (body: object): Answer => ({ status: 200, body });
const refused = (status: number, message: string): Answer => ({ status, body: { message } });
const idOf = (...parts: readonly string[]): string =>
  createHash("sha256").update(parts.join("/")).digest("hex").slice(0, 24);

/** The tasks that were ordered and how often each was asked for, the oldest forgotten first. */
class Tasks {
  readonly #polls = new Map<string, number>();

  order(): string {
    const taskId = randomUUID();
    this.#polls.set(taskId, 0);
    const [oldest] = this.#polls.keys();
    if (this.#polls.size > mostTasks && oldest !== undefined) this.#polls.delete(oldest);
    return taskId;
  }

  /** How often the task was asked for, this time included; undefined when nobody ordered it. */
  poll(taskId: string): number | undefined {
    const polls = this.#polls.get(taskId);
    if (polls === undefined) return undefined;
    this.#polls.set(taskId, polls + 1);
    return polls + 1;
  }
}

class ReportApi {
  readonly #options: ReportApiOptions;
  readonly #tasks = new Tasks();
  readonly #reportId: string;

  constructor(options: ReportApiOptions) {
    this.#options = options;
    this.#reportId = idOf(options.source.key);
  }

  answer(request: IncomingMessage, url: URL): Answer {
    const wrong = wrongHeader(request);
    if (wrong !== undefined) return wrong;
    switch (`${request.method ?? ""} ${url.pathname}`) {
      case "POST /generate_report":
        return ok({ task_id: this.#tasks.order() });
      case "GET /get_report":
        return this.#report(url);
      case "GET /get_increment":
        return this.#increment(url);
      default:
        return refused(404, "unknown path");
    }
  }

  /** The pieces of a file of a report; undefined when there is no such file. */
  file(pathname: string): Iterable<string> | undefined {
    const [, , id, name] =
      /^\/files\/cohort_(\d+)\/[^/]+\/project\/([0-9a-z_-]+)\/([a-z_]+\.csv)$/.exec(pathname) ?? [];
    if (id === undefined || name === undefined) return undefined;
    const day = /_(\d{4}-\d\d-\d\d)$/.exec(id)?.[1];
    if (id === this.#reportId) return this.#options.source.history()[name]?.();
    if (day === undefined || id !== this.#incrementId(day)) return undefined;
    return this.#options.source.increment(day)?.[name]?.();
  }

  #report(url: URL): Answer {
    const taskId = url.searchParams.get("task_id") ?? "";
    const { pollsRunning = 1, source } = this.#options;
    const polls = this.#tasks.poll(taskId);
    if (polls === undefined) return refused(404, "unknown task_id");
    if (polls <= pollsRunning) return ok({ task_id: taskId, status: "RUNNING" });
    const data = {
      report_id: this.#reportId,
      start_day: source.startDay,
      end_date: source.endDay,
      s3_path: this.#paths(url, this.#reportId, source.history()),
    };
    return ok({ task_id: taskId, status: "SUCCESS", data });
  }

  #increment(url: URL): Answer {
    const reportId = url.searchParams.get("report_id") ?? "";
    const date = url.searchParams.get("date") ?? "";
    if (reportId !== this.#reportId) return refused(404, "unknown report_id");
    if (!/^\d{4}-\d\d-\d\dT00:00:00$/.test(date)) return refused(400, "date must be a midnight");
    const day = date.slice(0, 10);
    const files = this.#options.source.increment(day);
    if (files === undefined) return ok({ report_id: reportId, date, status: "NOT FOUND" });
    const isNull = this.#options.nullIncrements?.includes(day) === true;
    const id = this.#incrementId(day);
    const data = isNull
      ? { increment_id: null, s3_path: null }
      : { increment_id: id, s3_path: this.#paths(url, id, files) };
    return ok({ report_id: reportId, date, status: "SUCCESS", data });
  }

  #incrementId(day: string): string {
    return `${idOf(this.#options.source.key, day)}_${day}`;
  }

  #paths(url: URL, id: string, files: ReportFiles): Record<string, string> {
    const folder = `${url.origin}/files/cohort_${cohort}/${nickname}/project/${id}`;
    return Object.fromEntries(
      Object.keys(files).map((file) => [file.replace(/\.csv$/, ""), `${folder}/${file}`]),
    );
  }
}

function wrongHeader({ headers }: IncomingMessage): Answer | undefined {
  if (headers["x-api-key"] !== apiKey) return refused(401, "X-API-KEY is not known");
  if (headers["x-nickname"] !== nickname || headers["x-cohort"] !== cohort) {
    return refused(403, "X-Nickname and X-Cohort are not known");
  }
  if (headers["x-project"] !== "True") return refused(400, "X-Project must be True");
  const type = headers["content-type"] ?? "";
  const form = "application/x-www-form-urlencoded";
  return type.startsWith(form) ? undefined : refused(415, `Content-Type must be ${form}`);
}

async function sendFile(response: ServerResponse, pieces: Iterable<string>): Promise<void> {
  response.writeHead(200, { "content-type": "text/csv; charset=utf-8" });
  // A reader that goes away, or a source that breaks, ends the connection before the end of the body.
  await pipeline(Readable.from(bytesOf(pieces), { objectMode: true }), response).catch(
    () => undefined,
  );
}

function* bytesOf(pieces: Iterable<string>): Generator<Buffer> {
  for (const piece of pieces) yield Buffer.from(piece);
}

async function respond(
  api: ReportApi,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  request.resume();
  const url = new URL(request.url ?? "/", `http://${request.headers.host ?? "localhost"}`);
  const file = request.method === "GET" ? api.file(url.pathname) : undefined;
  if (file) return sendFile(response, file);
  const { status, body } = api.answer(request, url);
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : port;
}

/**
 * A report service on the loopback: orders of reports, polls, increments by day, and the files of each, made while
 * they are read. It asks for the headers that the real one asks for.
 *
 * @returns Where it is, as the URI of the connection `shop_reports`.
 * @example
 * await using api = await startReportApi({ source: sampleReports(demoSample) });
 * process.env["TIDEMILL_CONN_SHOP_REPORTS"] = api.uri;
 */
export async function startReportApi(options: ReportApiOptions): Promise<RunningService> {
  const api = new ReportApi(options);
  const server = createServer((request, response) => void respond(api, request, response));
  const port = await listen(server, options.port ?? 0);
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  return {
    uri: `http://${nickname}:${apiKey}@127.0.0.1:${port}?cohort=${cohort}`,
    [Symbol.asyncDispose]: close,
  };
}
