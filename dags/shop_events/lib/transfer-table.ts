import type { TaskContext } from "@tidemill/dag-core";
import { clickhouseLoad, clickhouseQuery } from "@tidemill/tasks/clickhouse";
import { marts as clickhouseMarts, shopEvents } from "../../connections.ts";
import { allStored, type LoadCounts } from "../../lib/load-counts.ts";
import { loggedLoad } from "./logged-load.ts";
import { type Mart, marts } from "./marts.ts";
import { requireMarts } from "./require-init.ts";
import { readSql, runSqlFile, valuesFor } from "./sql-file.ts";

export interface TransferOptions {
  /** The day up to which a mart looks, `YYYY-MM-DD`. Defaults to the end of the data interval. */
  readonly asOf?: string | undefined;
  /** Cuts revenue, order value, conversion and return on cost to their usual range. Defaults to false. */
  readonly clipOutliers?: boolean;
}

/** Marts with values that may be out of range; each has a query that finds them. */
const checkedForOutliers: ReadonlySet<Mart> = new Set<Mart>([
  "daily_business_summary",
  "product_performance",
  "category_performance",
  "user_engagement",
  "campaign_performance",
  "geo_analysis",
  "device_analysis",
  "weather_visits",
]);

/** Rows of dds that a mart leaves out; the file notes them in `dq` and answers with their number. */
const leftOut: Partial<Record<Mart, string>> = {
  session_analytics: "transform/dq/session_ends.sql",
  geo_analysis: "transform/dq/unknown_places.sql",
};

const folder = "shop_events";

async function load(
  ctx: TaskContext,
  mart: Mart,
  { asOf, clipOutliers = false }: TransferOptions,
): Promise<number> {
  const file = `transform/data_mart/${mart}.sql`;
  const values = valuesFor(await readSql(file), {
    as_of: asOf ?? ctx.dataInterval.end.toISOString().slice(0, 10),
    clip_outliers: clipOutliers,
  });
  const { rows } = await clickhouseLoad(ctx, {
    from: shopEvents,
    to: clickhouseMarts,
    query: { file: `${folder}/${file}`, values },
    table: `data_mart.${mart}`,
    columns: marts[mart],
    swap: "exchange",
  });
  return rows;
}

async function flagOutliers(ctx: TaskContext, mart: Mart): Promise<number> {
  if (!checkedForOutliers.has(mart)) return 0;
  const found = await clickhouseQuery(ctx, {
    on: clickhouseMarts,
    file: `${folder}/clickhouse/quality/${mart}.sql`,
  });
  await ctx.transaction(shopEvents, `outliers ${mart}`, async (tx) => {
    const values = {
      run_id: ctx.runId,
      table_name: `data_mart.${mart}`,
      rows: JSON.stringify(found),
    };
    await runSqlFile(tx, "transform/dq/mart_outliers.sql", values);
  });
  if (found.length > 0) {
    ctx.log.warn(`data_mart.${mart} has values out of range`, { rows: found.length });
  }
  return found.length;
}

async function noteLeftOut(ctx: TaskContext, mart: Mart): Promise<number> {
  const file = leftOut[mart];
  if (file === undefined) return 0;
  return ctx.transaction(shopEvents, `left out ${mart}`, async (tx) => {
    const { rows } = await runSqlFile<{ rows_filtered: string }>(tx, file, { run_id: ctx.runId });
    return Number(rows[0]?.rows_filtered ?? 0);
  });
}

/**
 * Fills a mart anew from dds and puts it in the place of the old one in one step; a second time changes nothing.
 * Values out of range are noted in `dq.rejected_rows` as warnings, and stored as they are unless they are clipped.
 *
 * @example await transferTable(ctx, "geo_analysis", { clipOutliers: ctx.params.clipOutliers });
 */
export const transferTable = (
  ctx: TaskContext,
  mart: Mart,
  options: TransferOptions = {},
): Promise<LoadCounts> =>
  loggedLoad(ctx, async () => {
    await requireMarts(ctx);
    const rows = await load(ctx, mart, { ...options, clipOutliers: false });
    const outliers = await flagOutliers(ctx, mart);
    // The warnings tell the true values, so they are taken before anything is cut.
    if (options.clipOutliers && outliers > 0) await load(ctx, mart, options);
    const filtered = await noteLeftOut(ctx, mart);
    return { ...allStored(rows), rowsIn: rows + filtered, rowsFiltered: filtered };
  });
