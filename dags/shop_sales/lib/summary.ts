import type { PostgresSession } from "@tidemill/tasks/postgres";
import { type Answer, answersOf, type CountRow, rowsOf, type Summary } from "../../lib/summary.ts";
import { sql } from "./sql.ts";

/** `bigint` and `numeric` come as text. */
interface Totals {
  readonly staged_orders: string;
  readonly staged_refunds: string;
  readonly staged_revenue: string | null;
  readonly sold_orders: string;
  readonly sold_refunds: string;
  readonly sold_revenue: string | null;
  readonly shipped_revenue: string | null;
  readonly first_day: string | null;
  readonly last_day: string | null;
  readonly retention_weeks: string;
  readonly retention_revenue: string | null;
  readonly retention_refunds: string | null;
  readonly failed_checks: string;
}

interface FileRow {
  readonly business_dt: string;
  readonly file: string;
  readonly rows_in: string;
  readonly rows_out: string;
  readonly rows_rejected: string;
  readonly rows_duplicate: string;
}

/** The questions that the star answers, each in a file of `questions`. */
export const questions: Readonly<Record<string, string>> = {
  "Which items keep their customers": "items_that_retain_best",
  "New and returning customers by week": "new_and_returning_by_week",
  "What is given back most": "refund_rate_by_item",
  "Revenue by city, refunds taken off": "revenue_by_city",
  "Revenue by item, refunds taken off": "revenue_by_item",
  "Revenue by day, refunds taken off": "revenue_by_day",
};

function problemsOf(totals: Totals, files: readonly FileRow[]): string[] {
  const problems = files
    .filter((file) => {
      const parts = [file.rows_out, file.rows_rejected, file.rows_duplicate].map(Number);
      return Number(file.rows_in) === 0 || Number(file.rows_in) !== parts.reduce((a, b) => a + b);
    })
    .map(({ file, business_dt }) => `the rows of ${file} of ${business_dt} do not add up`);
  const differ = (what: string, here: string | null, there: string | null): void => {
    if (here !== there) problems.push(`${what}: ${here ?? "none"} and ${there ?? "none"}`);
  };
  differ("orders in staging and in f_sales", totals.staged_orders, totals.sold_orders);
  differ("revenue in staging and in f_sales", totals.staged_revenue, totals.sold_revenue);
  differ(
    "shipped revenue in f_sales and f_customer_retention",
    totals.shipped_revenue,
    totals.retention_revenue,
  );
  differ("refunds in staging and in f_sales", totals.staged_refunds, totals.sold_refunds);
  differ(
    "refunds in f_sales and f_customer_retention",
    totals.sold_refunds,
    totals.retention_refunds,
  );
  if (totals.failed_checks !== "0") problems.push(`${totals.failed_checks} data checks failed`);
  return problems;
}

const sumOf = (files: readonly FileRow[], column: "rows_in" | "rows_duplicate"): string =>
  String(files.reduce((sum, file) => sum + Number(file[column]), 0));

const headlinesOf = (totals: Totals, files: readonly FileRow[], rejected: number) => [
  { label: "rows read from files", value: sumOf(files, "rows_in") },
  { label: "copies among them", value: sumOf(files, "rows_duplicate") },
  { label: "rows rejected", value: String(rejected) },
  { label: "days", value: `${totals.first_day ?? ""} to ${totals.last_day ?? ""}` },
  { label: "orders and refunds", value: totals.sold_orders },
  { label: "refunds", value: totals.sold_refunds },
  { label: "revenue, refunds taken off", value: totals.sold_revenue ?? "0" },
  { label: "weeks of retention", value: totals.retention_weeks },
];

/**
 * What is in the warehouse, and whether it agrees: the rows of each file with what became of them, staging with
 * `f_sales`, `f_sales` with `f_customer_retention`, to the kopeck, and no failed check.
 *
 * @example const { reconciled, problems } = await shopSalesSummary(hook);
 */
export async function shopSalesSummary(session: PostgresSession): Promise<Required<Summary>> {
  const rows = rowsOf((await sql.run<CountRow>(session, "summary/rows.sql")).rows);
  const { rows: files } = await sql.run<FileRow>(session, "summary/files.sql");
  const { rows: totalRows } = await sql.run<Totals>(session, "summary/totals.sql");
  const [totals] = totalRows;
  if (totals === undefined) throw new Error("totals.sql gives one row");
  const ask = async (file: string) => (await sql.run<Answer[number]>(session, file)).rows;
  const problems = problemsOf(totals, files);
  return {
    rows,
    reconciled: problems.length === 0,
    problems,
    headlines: headlinesOf(totals, files, rows["dq.rejected_rows"] ?? 0),
    answers: await answersOf(questions, ask),
  };
}
