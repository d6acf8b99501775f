import type { PostgresSession } from "@tidemill/tasks/postgres";
import { readSettings } from "./settings.ts";
import { runSqlFile } from "./sql-file.ts";

type Cell = string | number | null;
type Answer = readonly Readonly<Record<string, Cell>>[];

export interface OverdueLoansSummary {
  /** Rows by table. */
  readonly rows: Readonly<Record<string, number>>;
  /** Whether there is no problem. */
  readonly reconciled: boolean;
  /** What does not agree, each as a sentence. */
  readonly problems: readonly string[];
  readonly headlines: readonly { readonly label: string; readonly value: string }[];
  readonly answers: Readonly<Record<string, Answer>>;
}

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

const year = (from: number) => ({ from: `${from}-01-01`, to: `${from + 1}-01-01` });

async function answersOf(db: PostgresSession, asOf: string): Promise<Record<string, Answer>> {
  const answers: Record<string, Answer> = {};
  for (const [question, file] of Object.entries(questions)) {
    const { rows } = await runSqlFile<Record<string, Cell>>(db, `questions/${file}.sql`, {
      ...year(file === "debtor_portrait" ? 2023 : 2024),
      bucket: null,
      as_of: asOf,
    });
    answers[question] = rows;
  }
  return answers;
}

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
export async function overdueLoansSummary(db: PostgresSession): Promise<OverdueLoansSummary> {
  const counted = await runSqlFile<{ table_name: string; row_count: string }>(
    db,
    "summary/rows.sql",
  );
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
  const problems = [...broken, ...lost.map(({ problem }) => problem)];
  return {
    rows: Object.fromEntries(counted.rows.map((row) => [row.table_name, Number(row.row_count)])),
    reconciled: problems.length === 0,
    problems,
    headlines: headlinesOf(totals),
    answers: await answersOf(db, totals.report_day ?? totals.last_date ?? "2025-01-01"),
  };
}
