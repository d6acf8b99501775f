import { dag } from "@tidemill/dag-core";
import { z } from "zod";
import { checkMarts, checkSources, checkStar } from "./lib/checks.ts";
import { scaleNames } from "./lib/generator/scales.ts";
import { initSchema } from "./lib/init-schema.ts";
import { loadSources, sourceKinds } from "./lib/load-sources.ts";
import { mergeDimension, mergeFacts } from "./lib/merge.ts";
import { refreshMart, refreshViews } from "./lib/refresh-marts.ts";
import { stageTmpSources } from "./lib/stage-tmp-sources.ts";

export default dag(
  "craft_market_dwh",
  {
    description: "Brings four craft markets into one star and refreshes the monthly marts of it.",
    schedule: "@daily",
    startDate: "2024-01-01",
    catchup: "latest",
    maxActiveRuns: 1,
    timeout: "3h",
    tags: ["craft_market"],
    params: z.object({
      /** `in_place` reads the tables of the sources as they are; the others fill them first. */
      sources: z.enum(sourceKinds).default("in_place"),
      /** For `csv`: one file for each table, for example `source1.craft_market_wide.csv`. */
      csv: z
        .object({
          folder: z.string().min(1),
          delimiter: z.string().length(1).default(","),
          encoding: z.string().default("utf-8"),
        })
        .optional(),
      /** For `generated`: 4,000 orders of 24 months, or 2,000,000 of 60. */
      scale: z.enum(scaleNames).default("demo"),
      seed: z.int().default(42),
      /** For `generated`: the day after the history. Defaults to the end of the data interval. */
      today: z.iso.date().optional(),
      /** For `generated`: 1 starts over, the next ones add a batch each. Defaults to the one after the last. */
      pass: z.int().positive().optional(),
      /** Lets a source be without orders. */
      allowEmptySources: z.boolean().default(false),
      /** Computes both marts from all orders instead of from what changed. */
      rebuild: z.boolean().default(false),
    }),
    defaults: { retries: 2, retryDelay: "5m", timeout: "30m" },
  },
  ({ task }) => {
    const schema = task("init_schema", { run: initSchema });
    const loaded = task("load_sources", {
      after: [schema],
      run: (ctx) => loadSources(ctx, ctx.params),
    });
    const checked = task("check_sources", { after: [loaded], run: (ctx) => checkSources(ctx) });
    const staged = task("stage_tmp_sources", {
      after: [checked],
      run: (ctx) => stageTmpSources(ctx, ctx.params),
    });
    const dimensions = (["d_craftsman", "d_customer", "d_product"] as const).map((table) =>
      task(`merge_${table}`, { after: [staged], run: (ctx) => mergeDimension(ctx, table) }),
    );
    const facts = task("merge_f_order", { after: dimensions, run: mergeFacts });
    const star = task("check_star", { after: [facts], run: checkStar });
    const marts = (["customer", "craftsman"] as const).map((subject) =>
      task(`refresh_${subject}_report_datamart`, {
        after: [star],
        run: (ctx) => refreshMart(ctx, subject, ctx.params),
      }),
    );
    const agreed = task("check_marts", { after: marts, run: checkMarts });
    task("refresh_views", { after: [agreed], run: refreshViews });
  },
);
