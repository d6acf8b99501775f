import { type Duration, durationMs, type TaskContext, TidemillError } from "@tidemill/dag-core";
import { type HttpRequestOptions, prepare, statusError, withoutUrl } from "./http-request.ts";
import { HttpStatusError } from "./http-status-error.ts";
import { unreachable } from "../unreachable.ts";

export type HttpStreamOptions = Pick<
  HttpRequestOptions,
  "url" | "query" | "headers" | "secrets"
> & {
  /** The longest silence: until the answer begins, and between two parts of it. Defaults to `"30s"`. */
  readonly timeout?: Duration;
};

/** Ends a wait for the other side that takes too long; what the reader does in between is not one. */
function silenceLimit(limitMs: number) {
  const silent = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  return {
    signal: silent.signal,
    waiting: () => {
      timer = setTimeout(() => silent.abort(), limitMs);
    },
    heard: () => clearTimeout(timer),
  };
}

/**
 * The body of an answer as it arrives, for files that are too large to hold. It is asked for once; a body that ends
 * before its announced length is an error, so that nothing of it is taken for the whole.
 *
 * @throws HttpStatusError when the answer is not 2xx; TidemillError `TIDEMILL_CONNECTION_UNREACHABLE` when there was
 * none, or it broke off; `TIDEMILL_INPUT_INVALID` for a URL that is none. None holds a secret.
 * @example for await (const { values } of readCsv(httpStream(ctx, { url }), { name: url })) console.log(values);
 */
export async function* httpStream(
  ctx: TaskContext,
  options: HttpStreamOptions,
): AsyncGenerator<Uint8Array> {
  const { timeout = "30s", headers, ...rest } = options;
  const accepted = { ...headers, accept: "*/*" };
  const prepared = prepare(ctx, { ...rest, headers: accepted, timeout });
  const limit = silenceLimit(durationMs(timeout));
  const signal = AbortSignal.any([ctx.signal, limit.signal]);
  limit.waiting();
  try {
    const response = await fetch(prepared.url, { ...prepared.init, signal });
    if (!response.ok) throw statusError(prepared, response, await response.text());
    for await (const chunk of response.body ?? []) {
      limit.heard();
      yield chunk;
      limit.waiting();
    }
  } catch (error) {
    if (error instanceof HttpStatusError || error instanceof TidemillError) throw error;
    ctx.signal.throwIfAborted();
    const { host } = prepared.url;
    const system = { system: "HTTP service", address: host, remedy: "see whether it is up" };
    const silence = limit.signal.aborted ? `silent for ${timeout}` : undefined;
    throw unreachable(system, withoutUrl(error), silence);
  } finally {
    limit.heard();
  }
}
