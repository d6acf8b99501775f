import type { Duration, TaskContext } from "@tidemill/dag-core";

export interface HttpRequestOptions {
  readonly url: string;
  /** Defaults to `GET`, with a body to `POST`. */
  readonly method?: string;
  /** Added to the URL; an `undefined` value is left out. */
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a string or bytes as they are. */
  readonly body?: unknown;
  /** Of one try. Defaults to `"30s"`. */
  readonly timeout?: Duration;
  /** Tries after the first, on 408, 425, 429, 5xx and network errors. Defaults to 3. */
  readonly retries?: number;
  /** Before the first retry; doubled for each, with jitter. Defaults to `"500ms"`. */
  readonly retryDelay?: Duration;
  /** The longest `Retry-After` that is waited for. Defaults to `"1m"`. */
  readonly maxRetryAfter?: Duration;
  /** Sends `Idempotency-Key`: `true` derives it from the task instance, a text names one of several calls. */
  readonly idempotencyKey?: boolean | string;
  /** Texts to blank out in errors, besides query parameters whose names say that they are secret. */
  readonly secrets?: readonly string[];
  /** How to read the answer. Defaults to `"json"`. */
  readonly expect?: "json" | "text" | "none";
}

export interface HttpResponse<T> {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: T;
}

export async function httpRequest<T = unknown>(
  ctx: TaskContext,
  options: HttpRequestOptions,
): Promise<HttpResponse<T>> {
  throw new Error(`${ctx.taskId} ${options.url}`);
}
