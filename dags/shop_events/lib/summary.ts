import type { ClickHouseHook } from "@tidemill/tasks/clickhouse";
import type { PostgresSession } from "@tidemill/tasks/postgres";
import { type CountRow, type Headline, rowsOf, type Summary } from "../../lib/summary.ts";
import { readSql, runSqlFile } from "./sql-file.ts";

interface Totals {
  readonly messages_consumed: string;
  readonly messages_rejected: string;
  readonly raw_revenue_cents: string;
  readonly dds_revenue_cents: string;
}

interface MartTotals {
  readonly revenue_cents: string;
  readonly successful_orders: string;
  readonly sessions: string;
  readonly first_date: string;
  readonly last_date: string;
}

const noTotals: Totals = {
  messages_consumed: "0",
  messages_rejected: "0",
  raw_revenue_cents: "0",
  dds_revenue_cents: "0",
};
const noMartTotals: MartTotals = {
  revenue_cents: "0",
  successful_orders: "0",
  sessions: "0",
  first_date: "",
  last_date: "",
};

/** Whole cents as dollars; in text, because a sum may be larger than a float holds. */
const dollars = (cents: string): string => {
  const digits = cents.replace("-", "").padStart(3, "0");
  return `${cents.startsWith("-") ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
};

const sumOf = (rows: Readonly<Record<string, number>>, schema: string): number =>
  Object.entries(rows)
    .filter(([table]) => table.startsWith(`${schema}.`))
    .reduce((sum, [, count]) => sum + count, 0);

function problemsOf(
  rows: Readonly<Record<string, number>>,
  totals: Totals,
  mart: MartTotals,
): string[] {
  const problems: string[] = [];
  const kept = sumOf(rows, "raw") + Number(totals.messages_rejected);
  if (String(kept) !== totals.messages_consumed) {
    problems.push(
      `${totals.messages_consumed} messages were consumed, ${kept} are in raw and in dq.rejected_rows`,
    );
  }
  const raw = dollars(totals.raw_revenue_cents);
  const dds = dollars(totals.dds_revenue_cents);
  const shown = dollars(mart.revenue_cents);
  if (raw !== dds) problems.push(`successful revenue is ${raw} in raw and ${dds} in dds`);
  if (dds !== shown) {
    problems.push(`successful revenue is ${dds} in dds and ${shown} in daily_business_summary`);
  }
  return problems;
}

const headlinesOf = (totals: Totals, mart: MartTotals): Headline[] => [
  { label: "messages consumed", value: totals.messages_consumed },
  { label: "messages rejected", value: totals.messages_rejected },
  { label: "days", value: `${mart.first_date} to ${mart.last_date}` },
  { label: "sessions with a known start", value: mart.sessions },
  { label: "successful orders", value: mart.successful_orders },
  { label: "revenue, USD", value: dollars(mart.revenue_cents) },
];

/**
 * What is in the warehouse and in the marts, and whether it agrees: messages consumed with rows in raw and
 * rejects, successful revenue of raw with dds and with the mart, to the cent.
 *
 * @example const { reconciled, problems } = await shopEventsSummary(postgresHook, clickhouseHook);
 */
export async function shopEventsSummary(
  postgres: PostgresSession,
  clickhouse: ClickHouseHook,
): Promise<Summary> {
  const stored = await runSqlFile<CountRow>(postgres, "summary/postgres_rows.sql");
  const shown = await clickhouse.query<CountRow>(await readSql("summary/clickhouse_rows.sql"));
  const rows = rowsOf([...stored.rows, ...shown]);
  const { rows: totalRows } = await runSqlFile<Totals>(postgres, "summary/postgres_totals.sql");
  const martRows = await clickhouse.query<MartTotals>(
    await readSql("summary/clickhouse_totals.sql"),
  );
  const totals = totalRows[0] ?? noTotals;
  const mart = martRows[0] ?? noMartTotals;
  const problems = problemsOf(rows, totals, mart);
  return {
    rows,
    reconciled: problems.length === 0,
    problems,
    headlines: headlinesOf(totals, mart),
  };
}
