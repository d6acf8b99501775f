import type { ConnectionRef, Duration, TaskContext } from "@tidemill/dag-core";
import type { PostgresHook } from "../postgres/hook.ts";
import type { HttpRequestOptions } from "./http-request.ts";

export type ProviderMode = "auto" | "offline";
export type ProviderSource = "live" | "cache" | "synthetic";

/** What `live` is given to ask with. */
export interface ProviderCall {
  /** One GET that answers with JSON; timeout, retries and redaction are the provider's. */
  readonly json: <T>(
    url: string,
    options?: Pick<HttpRequestOptions, "query" | "headers" | "secrets">,
  ) => Promise<T>;
  readonly signal: AbortSignal;
}

export interface ProviderOptions<Request, Value> {
  /** Names the provider in the cache and the log. */
  readonly name: string;
  /**
   * Asks the real service. Return nothing when it has no answer for this request; throw when it failed.
   * Leave it out, or return `undefined` from `configured`, when there is no key.
   */
  readonly live?: (request: Request, call: ProviderCall) => Promise<Value | undefined>;
  /** Whether the service can be asked at all, for example whether its key is set. Defaults to true. */
  readonly configured?: () => boolean;
  /** Equal keys mean equal answers: coordinates rounded, with the hour or the day where it matters. */
  readonly cacheKey: (request: Request) => string;
  /** Start of the keys whose latest value may stand in when the service fails. Defaults to none. */
  readonly staleKey?: (request: Request) => string;
  /** A function of the request alone; used when nothing else answers. */
  readonly synthetic: (request: Request) => Value;
  /** Of one live call. Defaults to `"5s"`. */
  readonly timeout?: Duration;
  /** Defaults to 2. */
  readonly retries?: number;
}

export interface Provided<Value> {
  readonly value: Value;
  readonly source: ProviderSource;
}

export interface ProviderSessionOptions {
  /** Where `etl.provider_cache` is. Defaults to no stored cache. */
  readonly cache?: ConnectionRef<PostgresHook>;
  /** Defaults to `PROVIDER_MODE`, else `auto`; `offline` opens no socket to the service. */
  readonly mode?: ProviderMode;
}

export interface ProviderSession<Request, Value> {
  get(request: Request): Promise<Provided<Value>>;
  /** How many answers came from where. */
  readonly counts: Readonly<Record<ProviderSource, number>>;
}

export interface Provider<Request, Value> {
  readonly name: string;
  /** Opens the provider for one attempt: the breaker and the memory of answers live that long. */
  open(
    ctx: TaskContext,
    options?: ProviderSessionOptions,
  ): Promise<ProviderSession<Request, Value>>;
}

/**
 * Values from an outside service that may be down, slow, out of quota or without a key: live, else cache, else synthetic.
 *
 * @example
 * const weather = provider<Point, Weather>({ name: "openweather", cacheKey, synthetic, live });
 * const session = await weather.open(ctx, { cache: shop });
 * const { value, source } = await session.get({ lat: 53.9, lon: 27.56 });
 */
export function provider<Request, Value>(
  options: ProviderOptions<Request, Value>,
): Provider<Request, Value> {
  return { name: options.name, open: () => Promise.reject(new Error("-")) };
}
