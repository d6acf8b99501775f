import type { ClickHouseHook } from "@tidemill/tasks/clickhouse";
import type { PostgresSession } from "@tidemill/tasks/postgres";
import { conclusionsOf } from "./conclusions.ts";
import { sql } from "./sql.ts";

export interface Headline {
  readonly label: string;
  readonly value: string;
}

type Answer = readonly Readonly<Record<string, string | number | null>>[];

export interface PaymentsSummary {
  readonly rows: Readonly<Record<string, number>>;
  readonly reconciled: boolean;
  /** What does not agree, each as a sentence. */
  readonly problems: readonly string[];
  readonly headlines: readonly Headline[];
  readonly answers: Readonly<Record<string, Answer>>;
}

interface CountRow {
  readonly table_name: string;
  readonly row_count: string;
}

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

async function answersOf(clickhouse: ClickHouseHook): Promise<Record<string, Answer>> {
  const answers: Record<string, Answer> = {};
  for (const [question, file] of Object.entries(shown)) {
    const text = await sql.read(`questions/${file}.sql`);
    answers[question] = await clickhouse.query<Answer[number]>(text);
  }
  const conclusions = await conclusionsOf(clickhouse);
  answers["Conclusions"] = conclusions.map((conclusion) => ({ conclusion }));
  return answers;
}

/**
 * What is in the warehouse and the marts, and whether it agrees: transactions of the source without the rejected ones
 * with `bi`, by count and by amount of each currency, and `bi` with every mart that adds amounts up.
 */
export async function paymentsSummary(
  postgres: PostgresSession,
  clickhouse: ClickHouseHook,
): Promise<PaymentsSummary> {
  const stored = await sql.run<CountRow>(postgres, "summary/postgres_rows.sql");
  const inMarts = await clickhouse.query<CountRow>(await sql.read("summary/clickhouse_rows.sql"));
  const counts = [...stored.rows, ...inMarts].map((row) => [row.table_name, Number(row.row_count)]);
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
  return {
    rows: Object.fromEntries(counts) as Record<string, number>,
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
    answers: await answersOf(clickhouse),
  };
}
