import type { ClickHouseHook } from "@tidemill/tasks/clickhouse";
import { sql } from "./sql.ts";

type Row = Readonly<Record<string, string | number | null>>;

const weekdays = [
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday",
  "Sunday",
] as const;

const text = (row: Row | undefined, column: string): string => String(row?.[column] ?? "none");
const number = (row: Row | undefined, column: string): number => Number(row?.[column] ?? 0);
const percentMore = (a: number, b: number): string =>
  b === 0 ? "" : ` (${a >= b ? "+" : ""}${Math.round((100 * (a - b)) / b)} %)`;

const funnel = (rows: readonly Row[]): string => {
  const of = (step: string) => rows.find((row) => row["step"] === step);
  return `${text(of("product_view"), "of_first_percent")} % of new users look at a product, ${text(of("payment"), "of_first_percent")} % pay and ${text(of("repeat_payment"), "of_first_percent")} % pay again within 30 days.`;
};

function channels(rows: readonly Row[]): string {
  const known = rows.filter((row) => number(row, "new_users") > 0);
  const sorted = known.toSorted((a, b) => number(b, "ltv") - number(a, "ltv"));
  const [best, worst] = [sorted[0], sorted.at(-1)];
  return `Users of "${text(best, "channel_name")}" have brought ${text(best, "ltv")} BYN each, those of "${text(worst, "channel_name")}" ${text(worst, "ltv")} BYN${percentMore(number(best, "ltv"), number(worst, "ltv"))}.`;
}

function spend(rows: readonly Row[]): string {
  const paid = rows.filter((row) => number(row, "spend") > 0);
  const [dearest] = paid.toSorted((a, b) => number(b, "spend") - number(a, "spend"));
  const users = number(dearest, "new_users");
  const cost = users === 0 ? "and brought no user" : `for ${text(dearest, "cac")} BYN a user`;
  return `"${text(dearest, "channel_name")}" took most of the budget, ${text(dearest, "spend")} BYN, ${cost}; its ROMI is ${text(dearest, "romi")}.`;
}

function peak([first]: readonly Row[]): string {
  const day = weekdays[number(first, "weekday") - 1] ?? "no day";
  return `Grocery payments peak on ${day} at ${text(first, "hour")}:00 Minsk time, with ${text(first, "payments")} payments in that hour over the period.`;
}

function chains(rows: readonly Row[]): string {
  const byTurnover = rows.find((row) => number(row, "rank_by_turnover") === 1);
  const byReceipts = rows.find((row) => number(row, "rank_by_receipts") === 1);
  return `"${text(byTurnover, "chain")}" leads the grocery chains by turnover (${text(byTurnover, "turnover")} BYN), "${text(byReceipts, "chain")}" by receipts (${text(byReceipts, "receipts")}).`;
}

function promotion(rows: readonly Row[]): string {
  const offered = rows.find((row) => row["users_group"] === "offered cashback");
  const control = rows.find((row) => row["users_group"] === "control");
  return `With cashback a grocery basket is ${text(offered, "basket")} BYN, without ${text(control, "basket")} BYN${percentMore(number(offered, "basket"), number(control, "basket"))}, for ${text(offered, "cashback")} BYN paid back.`;
}

function activation(rows: readonly Row[]): string {
  const left = rows.find((row) => row["users_group"] === "left");
  const others = rows.find((row) => row["users_group"] === "others");
  return `Of the users who left, ${text(left, "without_action_percent")} % looked at no product in their first week; of the others ${text(others, "without_action_percent")} %.`;
}

const statements: readonly (readonly [file: string, say: (rows: readonly Row[]) => string])[] = [
  ["individuals/lifecycle_losses", funnel],
  ["channels", channels],
  ["channels", spend],
  ["grocery/peak_hours", peak],
  ["grocery/chains", chains],
  ["grocery/promotion_effect", promotion],
  ["individuals/activation_risk", activation],
];

/** What the marts say, each with its numbers; other rows make other sentences. */
export async function conclusionsOf(clickhouse: ClickHouseHook): Promise<string[]> {
  const found: string[] = [];
  for (const [file, say] of statements) {
    found.push(say(await clickhouse.query<Row>(await sql.read(`questions/${file}.sql`))));
  }
  return found;
}
