import type { ClickHouseHook } from "@tidemill/tasks/clickhouse";
import type { PostgresSession } from "@tidemill/tasks/postgres";
import { type Answer, answersOf, type CountRow, rowsOf, type Summary } from "../../lib/summary.ts";
import { conclusionsOf } from "./conclusions.ts";
import { sql } from "./sql.ts";

interface Totals {
  readonly source_transactions: string;
  readonly rejected_transactions: string;
  readonly bi_payments: string;
  readonly source_gpv: string | null;
  readonly bi_gpv: string | null;
  readonly gpv_byn: string;
  readonly revenue_byn: string;
  readonly successful_payments: string;
  readonly live_values: string;
  readonly blocked_batches: string;
}

type MartTotals = Readonly<Record<string, string>>;

/** Shown to people at the end of a run; the other questions are in `sql/payments_app/questions`. */
const shown = {
  "What did each channel cost and return?": "channels",
  "At which step are clients lost?": "individuals/lifecycle_losses",
  "Is there growth?": "system/growth_and_financials",
  "Which chains lead by turnover, which by receipts?": "grocery/chains",
  "Does cashback move turnover?": "grocery/promotion_effect",
} as const;

function sourceProblems(totals: Totals): string[] {
  // The emulated source is empty where real ones are read.
  if (totals.source_transactions === "0") return [];
  const sound = Number(totals.source_transactions) - Number(totals.rejected_transactions);
  const problems: string[] = [];
  if (sound !== Number(totals.bi_payments)) {
    problems.push(
      `the source has ${sound} sound transactions, bi.fct_payment ${totals.bi_payments}`,
    );
  }
  if (totals.source_gpv !== totals.bi_gpv) {
    problems.push(
      `successful amounts are ${totals.source_gpv} in the source, ${totals.bi_gpv} in bi`,
    );
  }
  return problems;
}

function martProblems(totals: Totals, mart: MartTotals): string[] {
  const problems: string[] = [];
  if (totals.bi_payments !== mart["payments"]) {
    problems.push(`bi.fct_payment has ${totals.bi_payments} rows, its copy ${mart["payments"]}`);
  }
  for (const name of ["daily_kpi", "client_daily", "client_ltv"]) {
    if (mart[name] === totals.gpv_byn) continue;
    problems.push(`GPV is ${totals.gpv_byn} in bi and ${mart[name]} in ${name}`);
  }
  for (const name of ["merchant_daily", "merchant_hourly", "vertical_daily"]) {
    if (mart[name] === mart["at_merchants"]) continue;
    problems.push(`GPV at merchants is ${mart["at_merchants"]}, ${mart[name]} in ${name}`);
  }
  return problems;
}

const blockedProblems = ({ blocked_batches: blocked }: Totals): string[] =>
  blocked === "0" ? [] : [`${blocked} batches are blocked; see etl.blocked_batch`];

/**
 * What is in the warehouse and the marts, and whether it agrees: transactions of the source without the rejected ones
 * with `bi`, by count and by amount of each currency, and `bi` with every mart that adds amounts up.
 */
export async function paymentsSummary(
  postgres: PostgresSession,
  clickhouse: ClickHouseHook,
): Promise<Required<Summary>> {
  const stored = await sql.run<CountRow>(postgres, "summary/postgres_rows.sql");
  const inMarts = await clickhouse.query<CountRow>(await sql.read("summary/clickhouse_rows.sql"));
  const { rows } = await sql.run<Totals>(postgres, "summary/postgres_totals.sql");
  const [mart = {}] = await clickhouse.query<MartTotals>(
    await sql.read("summary/clickhouse_totals.sql"),
  );
  const [totals] = rows;
  if (totals === undefined) throw new Error("the totals of the warehouse have no row");
  const problems = [
    ...sourceProblems(totals),
    ...martProblems(totals, mart),
    ...blockedProblems(totals),
  ];
  const ask = async (file: string) => clickhouse.query<Answer[number]>(await sql.read(file));
  const conclusions = await conclusionsOf(clickhouse);
  return {
    rows: rowsOf([...stored.rows, ...inMarts]),
    reconciled: problems.length === 0,
    problems,
    headlines: [
      { label: "days", value: `${mart["first_date"]} to ${mart["last_date"]}` },
      { label: "transactions in the source", value: totals.source_transactions },
      { label: "rejected", value: totals.rejected_transactions },
      { label: "successful payments", value: totals.successful_payments },
      { label: "GPV, BYN", value: totals.gpv_byn },
      { label: "revenue, BYN", value: totals.revenue_byn },
      { label: "MAU", value: mart["mau"] ?? "0" },
      { label: "values from live services", value: totals.live_values },
    ],
    answers: {
      ...(await answersOf(shown, ask)),
      Conclusions: conclusions.map((conclusion) => ({ conclusion })),
    },
  };
}
