import type { TaskContext } from "@tidemill/dag-core";
import { clickhouseLoad, clickhouseRebuild } from "@tidemill/tasks/clickhouse";
import { marts as clickhouseMarts, paymentsApp } from "../../connections.ts";
import { allStored, type LoadCounts } from "../../lib/load-counts.ts";
import { batchOf } from "./batch.ts";
import { logged } from "./logged.ts";
import { type Copy, copies, type Mart, martNames, marts } from "./marts.ts";
import { folder, sql } from "./sql.ts";

type BatchContext = TaskContext<{ batchDt?: string | undefined; since?: string | undefined }>;

/** Copies tables from the facts to ClickHouse, one after the other. */
export function copyTables(ctx: BatchContext, tables: readonly Copy[]): Promise<LoadCounts> {
  return logged(ctx, batchOf(ctx).batchDt, async () => {
    let total = 0;
    for (const table of tables) {
      const { rows } = await clickhouseLoad(ctx, {
        from: paymentsApp,
        to: clickhouseMarts,
        query: { file: `${folder}/transform/payments_mart/copy/${table}.sql` },
        table: `payments_mart.${table}`,
        columns: copies[table],
        swap: "exchange",
      });
      total += rows;
    }
    return allStored(total);
  });
}

/** The last day that was loaded: what the marts look back from. */
async function lastDay(ctx: TaskContext): Promise<string> {
  const db = await ctx.open(paymentsApp);
  const { rows } = await sql.run<{ as_of: string }>(db, "transform/etl/last_day.sql");
  return rows[0]?.as_of ?? ctx.dataInterval.start.toISOString().slice(0, 10);
}

const takesDay: ReadonlySet<Mart> = new Set<Mart>([
  "daily_kpi",
  "client_ltv",
  "cohort_retention",
  "legal_monthly",
]);

/** Aggregates marts from the copies, each in a shadow table that then takes the mart's place. */
export async function aggregate(
  ctx: TaskContext,
  names: readonly Mart[] = martNames,
): Promise<LoadCounts> {
  const asOf = await lastDay(ctx);
  let total = 0;
  for (const mart of names) {
    const { rows } = await clickhouseRebuild(ctx, {
      on: clickhouseMarts,
      table: `payments_mart.${mart}`,
      columns: marts[mart],
      query: {
        file: `${folder}/transform/payments_mart/${mart}.sql`,
        ...(takesDay.has(mart) && { values: { as_of: asOf } }),
      },
    });
    total += rows;
  }
  return allStored(total);
}

export const aggregateAll = (ctx: BatchContext): Promise<LoadCounts> =>
  logged(ctx, batchOf(ctx).batchDt, () => aggregate(ctx));
