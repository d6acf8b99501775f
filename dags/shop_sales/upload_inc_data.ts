import { dag, type Duration } from "@tidemill/dag-core";
import { z } from "zod";
import { dqChecks } from "./lib/checks.ts";
import { businessDate, oneDay, requireIncrement } from "./lib/increment.ts";
import {
  classificationScopes,
  updateCities,
  updateCustomers,
  updateItems,
  updateRetention,
  updateSales,
} from "./lib/marts.ts";
import { applyMigrations } from "./lib/migrations.ts";
import { generateReport, getReport } from "./lib/report-api.ts";
import { deleteFromStaging, uploadIncrement } from "./lib/upload.ts";
import { incrementWindow } from "./lib/window.ts";

const { firstDay, lastDay } = incrementWindow();

export default dag(
  "upload_inc_data",
  {
    description: "Loads what the shop sold and took back on one day, and the week it belongs to.",
    schedule: "@daily",
    startDate: firstDay,
    ...(lastDay !== undefined && { endDate: lastDay }),
    catchup: "all",
    maxActiveRuns: 1,
    timeout: "3h",
    tags: ["shop_sales", "increment"],
    params: z.object({
      /** The day to load. Defaults to the first day of the data interval. */
      date: z.iso.date().optional(),
      /** Within what a customer's orders are counted: the item in the week, or the week. */
      classificationScope: z.enum(classificationScopes).default("item"),
      onMissingIncrement: z.enum(["fail", "skip"]).default("fail"),
      /** Time between two polls of the report, of which there are twenty. */
      pollEvery: z.templateLiteral([z.int(), z.enum(["ms", "s", "m"])]).default("10s"),
    }),
    defaults: { retries: 0, timeout: "10m" },
  },
  ({ task }) => {
    const schema = task("apply_migrations", { run: applyMigrations });
    const ordered = task("generate_report", { after: [schema], run: generateReport });
    const report = task("get_report", {
      inputs: { ordered },
      run: (ctx) =>
        getReport(ctx, {
          taskId: ctx.inputs.ordered.taskId,
          pollEvery: ctx.params.pollEvery satisfies Duration,
        }),
    });
    const increment = task("get_increment", {
      inputs: { report },
      run: (ctx) =>
        requireIncrement(ctx, {
          reportId: ctx.inputs.report.reportId,
          date: businessDate(ctx),
          onMissing: ctx.params.onMissingIncrement,
        }),
    });
    const deleted = task("delete_from_staging", {
      after: [increment],
      run: (ctx) => deleteFromStaging(ctx, oneDay(businessDate(ctx))),
    });
    const uploaded = task("upload_increment_data_to_staging", {
      inputs: { increment },
      after: [deleted],
      timeout: "1h",
      run: (ctx) => {
        const date = businessDate(ctx);
        const { files } = ctx.inputs.increment;
        return uploadIncrement(ctx, { files, days: oneDay(date), loadKey: date });
      },
    });
    const checked = task("dq_checks", {
      after: [uploaded],
      run: (ctx) => dqChecks(ctx, { loadKey: businessDate(ctx), date: businessDate(ctx) }),
    });
    const cities = task("update_d_city", {
      after: [checked],
      run: (ctx) => updateCities(ctx, oneDay(businessDate(ctx))),
    });
    const customers = task("update_d_customer", {
      after: [cities],
      run: (ctx) => updateCustomers(ctx, oneDay(businessDate(ctx))),
    });
    const items = task("update_d_item", {
      after: [checked],
      run: (ctx) => updateItems(ctx, oneDay(businessDate(ctx))),
    });
    const sales = task("update_f_sales", {
      after: [customers, items],
      run: (ctx) => updateSales(ctx, oneDay(businessDate(ctx))),
    });
    task("update_f_customer_retention", {
      after: [sales],
      run: (ctx) =>
        updateRetention(ctx, oneDay(businessDate(ctx)), { scope: ctx.params.classificationScope }),
    });
  },
);
