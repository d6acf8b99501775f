import {
  type ConnectionRef,
  type Duration,
  type TaskContext,
  tidemillError,
} from "@tidemill/dag-core";
import type { PostgresHook } from "../postgres/hook.ts";
import { httpRequest, type HttpRequestOptions } from "./http-request.ts";
import { HttpStatusError } from "./http-status-error.ts";
import { noCache, openProviderCache, type ProviderCache } from "./provider-cache.ts";

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
  /** Tries of a live call after the first. Defaults to 2. */
  readonly retries?: number;
  /** Before the first retry. Defaults to `"500ms"`. */
  readonly retryDelay?: Duration;
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

/** After this many failed calls in a row a service is not asked any more in the run. */
const failuresToBlock = 3;
const rememberedAnswers = 10_000;
/** Answers that every further call would get too. */
const isFinal = (error: unknown): boolean =>
  error instanceof HttpStatusError && [401, 403, 429].includes(error.status);

/**
 * Values from an outside service that may be down, slow, out of quota or without a key. A request is answered from
 * the cache, else by the service, else by a stale value, else by a function of the request; never by an error of the
 * service.
 * A service that answers 429, 401 or 403, or fails three times in a row, is not asked again in that run, also not by
 * a retry of the task.
 *
 * @example
 * const weather = provider<Point, Weather>({
 *   name: "openweather",
 *   cacheKey: ({ lat, lon, hour }) => `${lat.toFixed(2)},${lon.toFixed(2)},${hour}`,
 *   configured: () => process.env.WEATHER_API_KEY !== undefined,
 *   live: ({ lat, lon }, { json }) => json("https://api.openweathermap.org/data/2.5/weather",
 *     { query: { lat, lon, units: "metric", appid: process.env.WEATHER_API_KEY } }),
 *   synthetic: ({ lat }) => ({ temp: 30 - Math.abs(lat) / 2 }),
 * });
 * const session = await weather.open(ctx, { cache: shop });
 * const { value, source } = await session.get({ lat: 53.9, lon: 27.56, hour: 10 });
 */
export function provider<Request, Value>(
  options: ProviderOptions<Request, Value>,
): Provider<Request, Value> {
  return {
    name: options.name,
    async open(ctx, { cache, mode = modeOfEnvironment() } = {}) {
      const store = cache
        ? await openProviderCache(ctx, options.name, await ctx.open(cache))
        : noCache;
      const isAskable = mode === "auto" && options.configured?.() !== false;
      return new Session(ctx, options, store, isAskable);
    },
  };
}

/** @throws TidemillError `TIDEMILL_CONFIG_INVALID` for a `PROVIDER_MODE` that is neither. */
function modeOfEnvironment(): ProviderMode {
  const value = process.env["PROVIDER_MODE"] ?? "auto";
  if (value === "auto" || value === "offline") return value;
  const problem = "which is no mode";
  const remedy = 'set it to "auto" or "offline"';
  throw tidemillError("TIDEMILL_CONFIG_INVALID", { name: "PROVIDER_MODE", value, problem, remedy });
}

class Session<Request, Value> implements ProviderSession<Request, Value> {
  readonly counts: Record<ProviderSource, number> = { live: 0, cache: 0, synthetic: 0 };
  readonly #ctx: TaskContext;
  readonly #options: ProviderOptions<Request, Value>;
  readonly #cache: ProviderCache;
  readonly #answers = new Map<string, Promise<Provided<Value>>>();
  #isAskable: boolean;
  #failures = 0;

  constructor(
    ctx: TaskContext,
    options: ProviderOptions<Request, Value>,
    cache: ProviderCache,
    isAskable: boolean,
  ) {
    this.#ctx = ctx;
    this.#options = options;
    this.#cache = cache;
    this.#isAskable = isAskable && options.live !== undefined && cache.blockReason === undefined;
  }

  async get(request: Request): Promise<Provided<Value>> {
    const key = this.#options.cacheKey(request);
    if (this.#answers.size >= rememberedAnswers) this.#answers.clear();
    const known = this.#answers.get(key);
    const answer = known ?? this.#answer(request, key);
    if (!known) this.#answers.set(key, answer);
    try {
      const provided = await answer;
      this.counts[provided.source] += 1;
      return provided;
    } catch (error) {
      // The cache may be back for the next one who asks.
      this.#answers.delete(key);
      throw error;
    }
  }

  async #answer(request: Request, key: string): Promise<Provided<Value>> {
    const { staleKey, synthetic } = this.#options;
    const cached = this.#cache.hasValues ? await this.#cache.get(key) : undefined;
    if (cached) return { value: cached.value as Value, source: "cache" };
    const value = await this.#ask(request);
    if (value !== undefined) {
      await this.#cache.put(key, value);
      return { value, source: "live" };
    }
    const stale =
      staleKey && this.#cache.hasValues
        ? await this.#cache.getLatest(staleKey(request))
        : undefined;
    if (stale) return { value: stale.value as Value, source: "cache" };
    return { value: synthetic(request), source: "synthetic" };
  }

  async #ask(request: Request): Promise<Value | undefined> {
    if (!this.#isAskable) return undefined;
    try {
      const value = await this.#options.live?.(request, this.#call());
      this.#failures = 0;
      return value;
    } catch (error) {
      this.#ctx.signal.throwIfAborted();
      await this.#countFailure(error);
      return undefined;
    }
  }

  async #countFailure(error: unknown): Promise<void> {
    this.#failures += 1;
    const reason = error instanceof Error ? error.message : String(error);
    this.#ctx.log.warn(`provider "${this.#options.name}" gave no value: ${reason}`);
    // Calls side by side may fail together; one of them closes the door.
    if (!this.#isAskable || (!isFinal(error) && this.#failures < failuresToBlock)) return;
    this.#isAskable = false;
    this.#ctx.log.warn(`provider "${this.#options.name}" is not asked any more in this run`);
    await this.#cache.block(reason);
  }

  #call(): ProviderCall {
    const { timeout = "5s", retries = 2, retryDelay = "500ms" } = this.#options;
    const policy = { timeout, retries, retryDelay, retryStatus: isWorthRetrying };
    return {
      signal: this.#ctx.signal,
      json: async <T>(url: string, options: Parameters<ProviderCall["json"]>[1] = {}) =>
        (await httpRequest<T>(this.#ctx, { ...options, ...policy, url })).body,
    };
  }
}

/** Not 429: a quota that is used up is left alone. */
const isWorthRetrying = (status: number): boolean =>
  status === 408 || status === 425 || status >= 500;
