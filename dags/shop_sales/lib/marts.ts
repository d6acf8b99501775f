import { type TaskContext, tidemillError } from "@tidemill/dag-core";
import type { PostgresTransaction } from "@tidemill/tasks/postgres";
import { shopSales } from "../../connections.ts";
import { countsOf, type CountsRow, type LoadCounts } from "../../lib/load-counts.ts";
import type { Days } from "./source-files.ts";
import { loggedLoad, sql } from "./sql.ts";

export const classificationScopes = ["item", "period"] as const;
/** Within what a customer's orders are counted: one item in one week, or one week over all items. */
export type ClassificationScope = (typeof classificationScopes)[number];

interface DayValues {
  readonly day_from: string;
  readonly day_to: string;
}

type Before = (tx: PostgresTransaction, days: DayValues) => Promise<DayValues>;

/** One load of a table of the mart: lock and transform in one transaction, counted in the run log. */
function loadMart(
  ctx: TaskContext,
  table: string,
  days: Days,
  options: { readonly before?: Before; readonly values?: Readonly<Record<string, unknown>> } = {},
): Promise<LoadCounts> {
  const { before = (_tx, given) => Promise.resolve(given), values = {} } = options;
  const load = async (tx: PostgresTransaction): Promise<LoadCounts> => {
    await sql.run(tx, "../lib/transform/etl/prepare_load.sql", { target_table: `mart.${table}` });
    const range = await before(tx, { day_from: days.from, day_to: days.to });
    const file = `transform/mart/${table}.sql`;
    const { rows } = await sql.run<CountsRow>(tx, file, { ...range, ...values });
    return countsOf(rows[0]);
  };
  return loggedLoad(ctx, () => ctx.transaction(shopSales, table, load), {
    businessDate: days.from,
  });
}

/** A day that the calendar lacks would be left out by the join, and its sales with it. */
async function requireCalendar(tx: PostgresTransaction, days: DayValues): Promise<DayValues> {
  const file = "transform/mart/missing_calendar_days.sql";
  const { rows } = await sql.run<{ day: string }>(tx, file, { ...days });
  if (rows.length === 0) return days;
  throw tidemillError("TIDEMILL_CHECK_FAILED", {
    check: "every day of sales is in mart.d_calendar",
    problem: `does not hold: ${rows.map(({ day }) => day).join(", ")} are missing`,
    remedy: "add them to mart.d_calendar, or correct the file, then clear this task",
  });
}

async function daysWithSales(tx: PostgresTransaction, days: DayValues): Promise<DayValues> {
  const { rows } = await sql.run<DayValues>(tx, "transform/mart/days_with_sales.sql", { ...days });
  return rows[0] ?? days;
}

export const updateCities = (ctx: TaskContext, days: Days): Promise<LoadCounts> =>
  loadMart(ctx, "d_city", days);
export const updateItems = (ctx: TaskContext, days: Days): Promise<LoadCounts> =>
  loadMart(ctx, "d_item", days);
/** After the cities: a customer refers to one. */
export const updateCustomers = (ctx: TaskContext, days: Days): Promise<LoadCounts> =>
  loadMart(ctx, "d_customer", days);

/**
 * Brings the sales of some days in line with staging.
 *
 * @throws TidemillError `TIDEMILL_CHECK_FAILED` for a day that `mart.d_calendar` lacks.
 */
export const updateSales = (ctx: TaskContext, days: Days): Promise<LoadCounts> =>
  loadMart(ctx, "f_sales", days, { before: requireCalendar });

export interface RetentionOptions {
  readonly scope: ClassificationScope;
  /** Computes every week that has sales in place of those of the days only. */
  readonly allWeeks?: boolean;
}

/** Computes the weeks that the days belong to anew. */
export const updateRetention = (
  ctx: TaskContext,
  days: Days,
  { scope, allWeeks = false }: RetentionOptions,
): Promise<LoadCounts> =>
  loadMart(ctx, "f_customer_retention", days, {
    ...(allWeeks && { before: daysWithSales }),
    values: { classification_scope: scope },
  });
