import type { PostgresSession } from "@tidemill/tasks/postgres";
import { type Answer, answersOf, type CountRow, rowsOf, type Summary } from "../../lib/summary.ts";
import { craftMarketSql } from "./sql.ts";

interface Totals {
  readonly staged_orders: string;
  readonly fact_orders: string;
  readonly rejected_orders: string;
  readonly stored_orders: string;
  readonly fact_money: string;
  readonly customer_money: string;
  readonly craftsman_money: string;
  readonly platform_money: string;
  readonly loyalty_money: string;
  readonly customers: string;
  readonly first_period: string | null;
  readonly last_period: string | null;
}

const questions: Readonly<Record<string, string>> = {
  "Loyalty programme: tiers": "loyalty_tiers",
  "Preferences: favourite categories": "favourite_categories",
  "Promotions: the last twelve months": "orders_by_month",
  "Craftsmen who bring the most": "best_craftsmen",
  "Rows refused, and why": "rejected_rows",
};

function problemsOf(totals: Totals): string[] {
  const problems: string[] = [];
  const kept = BigInt(totals.fact_orders) + BigInt(totals.rejected_orders);
  if (String(kept) !== totals.staged_orders) {
    problems.push(`${totals.staged_orders} orders were staged, ${kept} are facts or rejects`);
  }
  if (BigInt(totals.stored_orders) < BigInt(totals.fact_orders)) {
    problems.push(`${totals.fact_orders} orders must be facts, ${totals.stored_orders} are stored`);
  }
  const shown = {
    "dwh.customer_report_datamart": totals.customer_money,
    "dwh.craftsman_report_datamart": totals.craftsman_money,
    "dwh.customer_loyalty_profile": totals.loyalty_money,
  };
  for (const [table, money] of Object.entries(shown)) {
    if (money === totals.fact_money) continue;
    problems.push(
      `the orders of dwh.f_order cost ${totals.fact_money}, those of ${table} ${money}`,
    );
  }
  return problems;
}

const headlinesOf = (totals: Totals) => [
  { label: "orders staged", value: totals.staged_orders },
  { label: "orders in the star", value: totals.stored_orders },
  { label: "orders rejected", value: totals.rejected_orders },
  { label: "customers", value: totals.customers },
  { label: "months", value: `${totals.first_period ?? ""} to ${totals.last_period ?? ""}` },
  { label: "customers' money", value: totals.customer_money },
  { label: "platform's income, 10 %", value: totals.platform_money },
];

/**
 * What is in the warehouse, and whether it agrees: staged orders with facts and rejects, and the money of the star
 * with both marts and the loyalty profile, to the last digit.
 *
 * @example const { reconciled, problems } = await craftMarketSummary(hook);
 */
export async function craftMarketSummary(warehouse: PostgresSession): Promise<Required<Summary>> {
  const counted = await craftMarketSql.run<CountRow>(warehouse, "summary/rows.sql");
  const { rows: totals } = await craftMarketSql.run<Totals>(warehouse, "summary/totals.sql");
  const problems = totals.flatMap(problemsOf);
  const ask = async (file: string) =>
    (await craftMarketSql.run<Answer[number]>(warehouse, file)).rows;
  return {
    rows: rowsOf(counted.rows),
    reconciled: problems.length === 0,
    problems,
    headlines: totals.flatMap(headlinesOf),
    answers: await answersOf(questions, ask),
  };
}
