import { join } from "node:path";
import { craftMarket } from "./craft-market.ts";
import { overdueLoans } from "./overdue-loans.ts";
import { paymentsApp } from "./payments-app.ts";
import type { Pipeline } from "./pipeline.ts";
import { shopEvents } from "./shop-events.ts";
import { shopSales } from "./shop-sales.ts";

/** Every pipeline of the project; the first is what `npm start` shows without being asked. */
export const pipelines: readonly Pipeline[] = [
  shopEvents,
  craftMarket,
  shopSales,
  paymentsApp,
  overdueLoans,
];

/**
 * The folder of the DAGs that a start is about: of one pipeline its own, so that no schedule of another begins before its
 * first pass has made its tables.
 *
 * @param folder That of all pipelines.
 */
export function dagsFolderOf(chosen: readonly Pipeline[], folder: string): string {
  const [only, ...others] = chosen;
  return only && others.length === 0 ? join(folder, only.name) : folder;
}
