import { addDays } from "./days.ts";
import { sampleToday } from "./generator/sample.ts";

/** The days that have increments. */
export interface Window {
  readonly firstDay: string;
  /** Undefined for a shop that goes on. */
  readonly lastDay: string | undefined;
}

/**
 * `SHOP_SALES_FIRST_DAY` and `SHOP_SALES_LAST_DAY`; without the first, the seven days before the end of the sample data.
 * They are settings and not the clock's, because a DAG whose start moves would be another one every day.
 */
export function incrementWindow(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Window {
  const firstDay = env["SHOP_SALES_FIRST_DAY"] ?? "";
  if (firstDay !== "") return { firstDay, lastDay: env["SHOP_SALES_LAST_DAY"] };
  return { firstDay: addDays(sampleToday, -7), lastDay: addDays(sampleToday, -1) };
}
