import { dag } from "@tidemill/dag-core";
import { z } from "zod";
import { addDays } from "./lib/days.ts";
import {
  classificationScopes,
  updateCities,
  updateCustomers,
  updateItems,
  updateRetention,
  updateSales,
} from "./lib/marts.ts";
import { applyMigrations } from "./lib/migrations.ts";
import { generateReport, getReport, type Report } from "./lib/report-api.ts";
import type { Days } from "./lib/source-files.ts";
import { historyKey, uploadHistory } from "./lib/upload.ts";
import { incrementWindow } from "./lib/window.ts";

const { firstDay } = incrementWindow();

/** The days of the report before the first increment. */
const daysOf = ({ startDay, endDay }: Report): Days => {
  const afterEnd = addDays(endDay, 1);
  return { from: startDay, to: afterEnd < firstDay ? afterEnd : firstDay };
};

export default dag(
  "upload_hist_data",
  {
    description: "Loads the base report of the shop, the days before the first increment.",
    schedule: "@once",
    startDate: "2024-01-01",
    maxActiveRuns: 1,
    timeout: "3h",
    tags: ["shop_sales", "history"],
    params: z.object({
      /** Within what a customer's orders are counted: the item in the week, or the week. */
      classificationScope: z.enum(classificationScopes).default("item"),
      /** Time between two polls of the report, of which there are twenty. */
      pollEvery: z.templateLiteral([z.int(), z.enum(["ms", "s", "m"])]).default("10s"),
    }),
    defaults: { retries: 0, timeout: "30m" },
  },
  ({ task }) => {
    const schema = task("apply_migrations", { run: applyMigrations });
    const ordered = task("generate_report", { after: [schema], run: generateReport });
    const report = task("get_report", {
      inputs: { ordered },
      run: (ctx) =>
        getReport(ctx, {
          taskId: ctx.inputs.ordered.taskId,
          pollEvery: ctx.params.pollEvery,
        }),
    });
    const uploaded = task("upload_history_to_staging", {
      inputs: { report },
      timeout: "2h",
      run: (ctx) => {
        const { report: found } = ctx.inputs;
        const days = daysOf(found);
        return uploadHistory(ctx, { files: found.files, days, loadKey: historyKey });
      },
    });
    const cities = task("update_d_city", {
      inputs: { report },
      after: [uploaded],
      run: (ctx) => updateCities(ctx, daysOf(ctx.inputs.report)),
    });
    const customers = task("update_d_customer", {
      inputs: { report },
      after: [cities],
      run: (ctx) => updateCustomers(ctx, daysOf(ctx.inputs.report)),
    });
    const items = task("update_d_item", {
      inputs: { report },
      after: [uploaded],
      run: (ctx) => updateItems(ctx, daysOf(ctx.inputs.report)),
    });
    const sales = task("update_f_sales", {
      inputs: { report },
      after: [customers, items],
      run: (ctx) => updateSales(ctx, daysOf(ctx.inputs.report)),
    });
    task("update_f_customer_retention", {
      inputs: { report },
      after: [sales],
      run: (ctx) =>
        updateRetention(ctx, daysOf(ctx.inputs.report), {
          scope: ctx.params.classificationScope,
          allWeeks: true,
        }),
    });
  },
);
