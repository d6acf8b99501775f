import { dag } from "@tidemill/dag-core";
import { z } from "zod";
import { faults, setFault } from "./lib/faults.ts";
import { generateSources } from "./lib/generate-sources.ts";
import { scaleNames } from "./lib/generator/scales.ts";

export default dag(
  "payments_generate_sources",
  {
    description: "Fills the emulated sources and the folder of files with sample data.",
    schedule: null,
    startDate: "2024-01-01",
    maxActiveRuns: 1,
    timeout: "1h",
    tags: ["payments_app", "generate"],
    params: z.object({
      scale: z.enum(scaleNames).default("demo"),
      /** 1 is all days but the last one before `today`; each later pass is one day more. */
      pass: z.int().min(1).max(100).default(1),
      seed: z.int().default(42),
      today: z.iso.date().default("2024-06-29"),
      /** A fault that stops the load of the last day; `none` takes it away again. */
      fault: z.enum(["none", ...faults]).default("none"),
    }),
  },
  ({ task }) => {
    const generated = task("generate_sources", {
      timeout: "50m",
      run: (ctx) => generateSources(ctx, ctx.params),
    });
    task("set_fault", {
      after: [generated],
      timeout: "5m",
      run: (ctx) => setFault(ctx, ctx.params.fault),
    });
  },
);
