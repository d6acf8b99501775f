import type { TaskContext } from "@tidemill/dag-core";
import type { PostgresTransaction } from "@tidemill/tasks/postgres";
import { shopEvents } from "../../connections.ts";
import { countsOf, type CountsRow, type LoadCounts } from "../../lib/load-counts.ts";
import { loggedLoad } from "./logged-load.ts";
import { refreshStatistics } from "./refresh-statistics.ts";
import { runSqlFile } from "./sql-file.ts";

export interface DdsLoadOptions {
  /** The table that the load fills; names its lock and its watermarks. */
  readonly target: string;
  /** Tables read by serial id, for example `"raw.events"`. */
  readonly sources: readonly string[];
  /** The transform, below `sql/shop_events`. */
  readonly file: string;
  /** `interval` reads by event time in the data interval and moves no watermark. Defaults to the run's type. */
  readonly mode?: "increment" | "interval" | undefined;
}

interface Range {
  readonly source_table: string;
  readonly from_id: string;
  readonly to_id: string;
}

/** `raw.events` becomes `raw_events_from` and `raw_events_to`. */
const rangeValues = (ranges: readonly Range[]): Record<string, string> =>
  Object.fromEntries(
    ranges.flatMap(({ source_table, from_id, to_id }) => {
      const name = source_table.replace(".", "_");
      return [
        [`${name}_from`, from_id],
        [`${name}_to`, to_id],
      ];
    }),
  );

async function transform(
  ctx: TaskContext,
  tx: PostgresTransaction,
  { target, sources, file, mode }: Required<DdsLoadOptions>,
): Promise<LoadCounts> {
  await runSqlFile(tx, "../lib/transform/etl/prepare_load.sql", { target_table: target });
  const { rows: ranges } = await runSqlFile<Range>(tx, "transform/etl/read_watermarks.sql", {
    target_table: target,
    source_tables: sources,
  });
  const { rows } = await runSqlFile<CountsRow>(tx, file, {
    run_id: ctx.runId,
    mode,
    data_interval_start: ctx.dataInterval.start,
    data_interval_end: ctx.dataInterval.end,
    ...rangeValues(ranges),
  });
  if (mode === "increment") {
    const moved = JSON.stringify(ranges);
    await runSqlFile(tx, "transform/etl/watermarks.sql", { target_table: target, rows: moved });
  }
  return countsOf(rows[0]);
}

/**
 * One incremental load of a `dds` table: lock, transform and watermarks in one transaction, counted in the run log.
 * A backfill run takes the rows of its interval instead; the keys of the target make a second time change nothing.
 *
 * @example await ddsLoad(ctx, { target: "dds.orders", sources: ["raw.orders"], file: "transform/dds/orders.sql" });
 */
export function ddsLoad(ctx: TaskContext, options: DdsLoadOptions): Promise<LoadCounts> {
  const mode = options.mode ?? (ctx.runType === "backfill" ? "interval" : "increment");
  return loggedLoad(ctx, async () => {
    const counts = await ctx.transaction(shopEvents, `load ${options.target}`, (tx) =>
      transform(ctx, tx, { ...options, mode }),
    );
    await refreshStatistics(ctx, "dds", counts.rowsOut);
    return counts;
  });
}
