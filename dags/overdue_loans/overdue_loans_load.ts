import { dag } from "@tidemill/dag-core";
import { z } from "zod";
import { buildMart } from "./lib/build-mart.ts";
import { checkPart } from "./lib/check-part.ts";
import { checkQuality } from "./lib/check-quality.ts";
import { loadEachPart } from "./lib/load-each-part.ts";
import { readSettings } from "./lib/settings.ts";

export default dag(
  "overdue_loans_load",
  {
    description: "Loads parts of clients, loans and payments into staging, core and mart.",
    schedule: null,
    startDate: "2024-01-01",
    maxActiveRuns: 1,
    timeout: "2h",
    tags: ["overdue_loans", "load"],
    params: z
      .object({
        /** One part, loaded already or the next one. */
        part: z.int().positive().optional(),
        /** Every part that is not loaded. Without either: the next one. */
        all: z.boolean().optional(),
      })
      .refine(
        ({ part, all }) => part === undefined || all !== true,
        "part and all exclude each other",
      ),
    defaults: { retries: 2, retryDelay: "1m", timeout: "1h" },
  },
  ({ task }) => {
    const checked = task("check_part", {
      run: (ctx) => checkPart(ctx, readSettings().splitDir, ctx.params),
    });
    const clients = task("load_clients", {
      inputs: { checked },
      run: (ctx) => loadEachPart(ctx, "clients", ctx.inputs.checked.parts),
    });
    const loans = task("load_loans", {
      inputs: { checked },
      after: [clients],
      run: (ctx) => loadEachPart(ctx, "loans", ctx.inputs.checked.parts),
    });
    const payments = task("load_payments", {
      inputs: { checked },
      after: [loans],
      run: (ctx) => loadEachPart(ctx, "payments", ctx.inputs.checked.parts),
    });
    const mart = task("build_mart", {
      inputs: { checked },
      after: [payments],
      run: (ctx) => buildMart(ctx, ctx.inputs.checked.parts),
    });
    task("check_quality", { after: [mart], run: checkQuality });
  },
);
