import type { TaskContext } from "@tidemill/dag-core";
import { ownQueries } from "../own-queries.ts";
import type { PostgresHook } from "../postgres/hook.ts";

/** Where a provider's answers are kept. Values are wrapped, so that a stored `null` is not an absent one. */
export interface ProviderCache {
  /** Whether there was anything at the start, or has been put since. */
  readonly hasValues: boolean;
  /** Why the service may not be asked in this run any more, if an earlier attempt found out. */
  readonly blockReason: string | undefined;
  get(key: string): Promise<{ readonly value: unknown } | undefined>;
  getLatest(prefix: string): Promise<{ readonly value: unknown } | undefined>;
  put(key: string, value: unknown): Promise<void>;
  block(reason: string): Promise<void>;
}

export const noCache: ProviderCache = {
  hasValues: false,
  blockReason: undefined,
  get: () => Promise.resolve(undefined),
  getLatest: () => Promise.resolve(undefined),
  put: () => Promise.resolve(),
  block: () => Promise.resolve(),
};

const queries = () =>
  ownQueries<
    | "ProviderCacheExist"
    | "ProviderCacheCreate"
    | "ProviderCacheStart"
    | "ProviderCacheGet"
    | "ProviderCacheGetLatest"
    | "ProviderCachePut"
    | "ProviderCacheBlock"
  >("provider_cache.sql");
type Queries = Awaited<ReturnType<typeof queries>>;

async function ensureTables(hook: PostgresHook, sql: Queries): Promise<void> {
  const { rows } = await hook.query<{ exists: boolean }>(sql.ProviderCacheExist);
  if (rows[0]?.exists !== true) await hook.transaction((tx) => tx.named(sql.ProviderCacheCreate));
}

/** The cache in `etl.provider_cache` of a database; the tables are created if missing. */
export async function openProviderCache(
  ctx: TaskContext,
  provider: string,
  hook: PostgresHook,
): Promise<ProviderCache> {
  const sql = await queries();
  await ensureTables(hook, sql);
  const run = { provider, dag_id: ctx.dagId, run_id: ctx.runId };
  const start = await hook.named<{ has_values: boolean; block_reason: string | null }>(
    sql.ProviderCacheStart,
    run,
  );
  let hasValues = start.rows[0]?.has_values ?? false;
  const first = async (query: string, values: Readonly<Record<string, unknown>>) =>
    (await hook.named<{ value: unknown }>(query, { provider, ...values })).rows[0];
  return {
    get hasValues() {
      return hasValues;
    },
    blockReason: start.rows[0]?.block_reason ?? undefined,
    get: (key) => first(sql.ProviderCacheGet, { cache_key: key }),
    getLatest: (prefix) => first(sql.ProviderCacheGetLatest, { prefix }),
    async put(key, value) {
      const json = JSON.stringify(value);
      await hook.named(sql.ProviderCachePut, { provider, cache_key: key, value: json });
      hasValues = true;
    },
    async block(reason) {
      await hook.named(sql.ProviderCacheBlock, { ...run, reason });
    },
  };
}
