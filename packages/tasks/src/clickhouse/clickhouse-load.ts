import type { TaskContext } from "@tidemill/dag-core";
import type { ClickHouseLoadOptions, ClickHouseLoadResult } from "./clickhouse-load-options.ts";

export async function clickhouseLoad(
  ctx: TaskContext,
  options: ClickHouseLoadOptions,
): Promise<ClickHouseLoadResult> {
  throw new Error(`${ctx.taskId} ${options.table}`);
}
