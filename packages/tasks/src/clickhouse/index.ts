export { clickhouse } from "./connection.ts";
export { clickhouseLoad } from "./clickhouse-load.ts";
export type {
  ClickHouseLoadOptions,
  ClickHouseLoadResult,
  SwapByPartitions,
} from "./clickhouse-load-options.ts";
export { clickhouseQuery, type ClickHouseQueryTaskOptions } from "./clickhouse-query.ts";
export { clickhouseRebuild, type ClickHouseRebuildOptions } from "./clickhouse-rebuild.ts";
export { clickhouseSql, type ClickHouseSqlOptions } from "./clickhouse-sql.ts";
export type { ClickHouseHook, ClickHouseInsertOptions, ClickHouseQueryOptions } from "./hook.ts";
