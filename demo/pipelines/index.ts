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
