import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import {
  type Duration,
  durationMs,
  type TaskContext,
  TidemillError,
  tidemillError,
} from "@tidemill/dag-core";
import pRetry from "p-retry";
import { unreachable } from "../unreachable.ts";
import { HttpStatusError, retryAfterMs } from "./http-status-error.ts";
import { redact, secretsOf } from "./redact-url.ts";

export interface HttpRequestOptions {
  readonly url: string;
  /** Defaults to `GET`, with a body to `POST`. */
  readonly method?: string;
  /** Added to the URL; an `undefined` value is left out. */
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a string or bytes as they are. */
  readonly body?: unknown;
  /** Of one try, up to the last byte of the answer. Defaults to `"30s"`. */
  readonly timeout?: Duration;
  /**
   * Tries after the first. Defaults to 3; to 0 for `POST` and `PATCH` without an idempotency key, which might be
   * done twice.
   */
  readonly retries?: number;
  /** Before the first retry; doubled for each, with jitter. Defaults to `"500ms"`. */
  readonly retryDelay?: Duration;
  /** Statuses that are tried again, besides network errors. Defaults to 408, 425, 429 and 500 to 599. */
  readonly retryStatus?: (status: number) => boolean;
  /** The longest `Retry-After` that is waited for; a longer one ends the retries. Defaults to `"1m"`. */
  readonly maxRetryAfter?: Duration;
  /** Sends `Idempotency-Key`: `true` derives it from the task instance, a text tells several calls of it apart. */
  readonly idempotencyKey?: boolean | string;
  /** Texts to blank out in errors, besides parameters and headers whose names say that they are secret. */
  readonly secrets?: readonly string[];
  /** How to read the answer. Defaults to `"json"`. */
  readonly expect?: "json" | "text" | "none";
}

export interface HttpResponse<T> {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: T;
}

const isTransient = (status: number): boolean =>
  status === 408 || status === 425 || status === 429 || status >= 500;

/** One request as it goes out, and what may be said about it. */
export interface Prepared {
  readonly url: URL;
  readonly init: { method: string; headers: Record<string, string>; body?: string | Uint8Array };
  /** Method and URL without secrets. */
  readonly subject: string;
  readonly secrets: readonly string[];
  readonly timeout: Duration;
}

/**
 * One HTTP request, tried again where that may help, with growing delays and jitter; `Retry-After` is kept to.
 *
 * @throws HttpStatusError when the answer is not 2xx; TidemillError `TIDEMILL_CONNECTION_UNREACHABLE` when there was
 * none in time; `TIDEMILL_INPUT_INVALID` for a URL that is none, or an answer that is not JSON. None holds a secret.
 * @example
 * const { body } = await httpRequest<{ rates: Record<string, number> }>(ctx, {
 *   url: "https://openexchangerates.org/api/latest.json", query: { app_id: process.env.CURRENCY_API }, timeout: "5s" });
 */
export async function httpRequest<T = unknown>(
  ctx: TaskContext,
  options: HttpRequestOptions,
): Promise<HttpResponse<T>> {
  const { retryStatus = isTransient } = options;
  const prepared = prepare(ctx, options);
  const maxWaitMs = durationMs(options.maxRetryAfter ?? "1m");
  return pRetry(() => send<T>(prepared, options.expect ?? "json", ctx.signal), {
    retries: options.retries ?? defaultRetries(prepared.init.method, options),
    minTimeout: durationMs(options.retryDelay ?? "500ms"),
    randomize: true,
    signal: ctx.signal,
    async onFailedAttempt({ error, retriesLeft, retryDelay }) {
      const waitMs = error instanceof HttpStatusError ? (error.retryAfterMs ?? 0) : 0;
      if (!mayRetry(error, retryStatus) || waitMs > maxWaitMs) throw error;
      if (retriesLeft === 0) return;
      ctx.log.warn(`${error.message}; trying again`, { retriesLeft });
      if (waitMs > retryDelay) await delay(waitMs - retryDelay, undefined, { signal: ctx.signal });
    },
  });
}

const mayRetry = (error: Error, retryStatus: (status: number) => boolean): boolean =>
  error instanceof HttpStatusError
    ? retryStatus(error.status)
    : error instanceof TidemillError && error.code === "TIDEMILL_CONNECTION_UNREACHABLE";

const defaultRetries = (method: string, { idempotencyKey = false }: HttpRequestOptions): number =>
  idempotencyKey === false && (method === "POST" || method === "PATCH") ? 0 : 3;

export function prepare(ctx: TaskContext, options: HttpRequestOptions): Prepared {
  const { body, idempotencyKey = false, secrets: given = [] } = options;
  const url = parseUrl(options);
  const headers: Record<string, string> = { accept: "application/json", ...options.headers };
  const isRaw = typeof body === "string" || body instanceof Uint8Array;
  if (body !== undefined && !isRaw) headers["content-type"] = "application/json";
  const secrets = secretsOf(url, headers, given);
  if (idempotencyKey !== false) headers["idempotency-key"] = repetitionKey(ctx, idempotencyKey);
  const method = (options.method ?? (body === undefined ? "GET" : "POST")).toUpperCase();
  const content = body === undefined ? {} : { body: isRaw ? body : JSON.stringify(body) };
  const subject = redact(`${method} ${url.href}`, secrets);
  return {
    url,
    init: { method, headers, ...content },
    subject,
    secrets,
    timeout: options.timeout ?? "30s",
  };
}

function parseUrl({ url: text, query = {}, secrets = [] }: HttpRequestOptions): URL {
  if (!URL.canParse(text)) {
    const subject = `URL "${redact(text, secrets)}"`;
    const remedy = `write it whole, for example "https://example.org/path"`;
    throw tidemillError("TIDEMILL_INPUT_INVALID", { subject, problem: "is not a URL", remedy });
  }
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") {
    const problem = "holds a user or a password, which no request takes from there";
    const remedy = `leave them out, and send them in the header "authorization"`;
    throw tidemillError("TIDEMILL_INPUT_INVALID", {
      subject: `The URL of host "${url.host}"`,
      problem,
      remedy,
    });
  }
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
}

/** The same for every try of a task instance until it is cleared, so that the other side can tell a repetition. */
function repetitionKey(ctx: TaskContext, name: true | string): string {
  const instance = [ctx.dagId, ctx.runId, ctx.taskId, ctx.instanceKey, name];
  return createHash("sha256").update(JSON.stringify(instance)).digest("hex").slice(0, 32);
}

async function send<T>(
  prepared: Prepared,
  expected: "json" | "text" | "none",
  signal: AbortSignal,
): Promise<HttpResponse<T>> {
  const { url, init, timeout } = prepared;
  const limit = AbortSignal.timeout(durationMs(timeout));
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.any([signal, limit]) });
    const text = await response.text();
    if (!response.ok) throw statusError(prepared, response, text);
    const body =
      expected === "json" ? parseJson(prepared, text) : expected === "text" ? text : undefined;
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: body as T,
    };
  } catch (error) {
    if (error instanceof HttpStatusError || error instanceof TidemillError) throw error;
    signal.throwIfAborted();
    const system = { system: "HTTP service", address: url.host, remedy: "see whether it is up" };
    const problem = limit.aborted ? `no answer within ${timeout}` : undefined;
    throw unreachable(system, withoutUrl(error), problem);
  }
}

/** The cause of a failed fetch; what wraps it may show the URL. */
export const withoutUrl = (error: unknown): unknown =>
  error instanceof Error && error.cause !== undefined ? error.cause : error;

const shownCharacters = 500;

export function statusError(prepared: Prepared, response: Response, text: string): HttpStatusError {
  const { status } = response;
  const body = redact(text, prepared.secrets).slice(0, shownCharacters);
  const message = `${prepared.subject} answered ${status}${body === "" ? "" : `: ${body}`}`;
  const waitMs = retryAfterMs(response.headers.get("retry-after"), Date.now());
  return new HttpStatusError(status, message, body, waitMs);
}

function parseJson({ subject, secrets }: Prepared, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const shown = redact(text, secrets).slice(0, 100);
    const problem = `answered with what is not JSON: ${JSON.stringify(shown)}`;
    const remedy = `look at the service, or set expect to "text"`;
    throw tidemillError("TIDEMILL_INPUT_INVALID", { subject, problem, remedy });
  }
}
