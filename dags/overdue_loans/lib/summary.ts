import type { PostgresSession } from "@tidemill/tasks/postgres";
import { type Answer, answersOf, type CountRow, rowsOf, type Summary } from "../../lib/summary.ts";
import { readSettings } from "./settings.ts";
import { runSqlFile } from "./sql-file.ts";

interface Totals {
  readonly payments: string;
  readonly overdue_payments: string;
  readonly shortfall: string;
  readonly first_date: string | null;
  readonly last_date: string | null;
  readonly report_day: string | null;
  readonly sent: string;
  readonly cure_rate: string | null;
  readonly cost_per_cured: string | null;
  readonly calls_saved: number | null;
}

interface Rule {
  readonly name: string;
  readonly severity: string;
  readonly broken: string;
}

/** The questions of the report; each file is below `questions`. */
export const questions = {
  "How does the overdue share move by month (2024)?": "overdue_share_by_month",
  "Does it depend on the size of the loan (2024)?": "overdue_share_by_amount",
  "What do the cards of the report say (2024)?": "cards",
  "Who is overdue (2024)?": "debtors",
  "Which profiles default (2023)?": "debtor_portrait",
  "Which loans are overdue today?": "overdue_loans",
  "What do staged notices save?": "notices_before_and_after",
} as const;

/** The year that a question is about. */
const yearOf = (file: string) =>
  file === "questions/debtor_portrait.sql"
    ? { from: "2023-01-01", to: "2024-01-01" }
    : { from: "2024-01-01", to: "2025-01-01" };

const percent = (part: string, whole: string): string =>
  Number(whole) === 0 ? "0.00" : ((100 * Number(part)) / Number(whole)).toFixed(2);

const headlinesOf = (totals: Totals) => [
  { label: "payments", value: totals.payments },
  { label: "planned", value: `${totals.first_date ?? ""} to ${totals.last_date ?? ""}` },
  { label: "payments overdue, %", value: percent(totals.overdue_payments, totals.payments) },
  { label: "shortfall, RUB", value: totals.shortfall },
  { label: "notices sent", value: totals.sent },
  { label: "paid within 7 days of the notice, %", value: totals.cure_rate ?? "" },
  { label: "cost of each, RUB", value: totals.cost_per_cured ?? "" },
  { label: "calls saved in a year", value: String(totals.calls_saved ?? "") },
];

/**
 * What is in the warehouse, and whether it agrees: the critical checks of the load, and every record of the last files
 * in staging or among the rejects.
 *
 * @example const { reconciled, problems } = await overdueLoansSummary(postgresHook);
 */
export async function overdueLoansSummary(db: PostgresSession): Promise<Required<Summary>> {
  const counted = await runSqlFile<CountRow>(db, "summary/rows.sql");
  const rules = await runSqlFile<Rule>(db, "checks/quality.sql");
  const { rows: lost } = await runSqlFile<{ problem: string }>(db, "summary/lost_rows.sql", {
    zone: readSettings().zone,
  });
  const { rows: totalRows } = await runSqlFile<Totals>(db, "summary/totals.sql");
  const [totals] = totalRows;
  if (totals === undefined) throw new RangeError("the totals have no row");
  const broken = rules.rows
    .filter(({ severity, broken: count }) => severity === "critical" && count !== "0")
    .map(({ name, broken: count }) => `check "${name}" is broken by ${count} rows`);
  const asOf = totals.report_day ?? totals.last_date ?? "2025-01-01";
  const ask = async (file: string): Promise<Answer> => {
    const values = { ...yearOf(file), bucket: null, as_of: asOf };
    return (await runSqlFile<Answer[number]>(db, file, values)).rows;
  };
  const problems = [...broken, ...lost.map(({ problem }) => problem)];
  return {
    rows: rowsOf(counted.rows),
    reconciled: problems.length === 0,
    problems,
    headlines: headlinesOf(totals),
    answers: await answersOf(questions, ask),
  };
}
