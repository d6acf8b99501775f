import { dag } from "@tidemill/dag-core";
import { z } from "zod";
import { generateFiles, scales } from "./lib/generate-files.ts";
import { initSchema } from "./lib/init-schema.ts";
import { readSettings } from "./lib/settings.ts";
import { splitFiles } from "./lib/split-files.ts";

export default dag(
  "overdue_loans_prepare",
  {
    description:
      "Creates the schema and writes sample files in parts: the verbs schema, generate and split.",
    schedule: null,
    startDate: "2024-01-01",
    maxActiveRuns: 1,
    timeout: "30m",
    tags: ["overdue_loans", "generate"],
    params: z.object({
      numClients: z.int().positive().default(scales.demo),
      parts: z.int().positive().default(5),
      seed: z.int().default(42),
      /** 1 for the first delivery; a later one brings more clients in parts that come after. */
      pass: z.int().positive().default(1),
      /** The end of all loans. Defaults to the day of the interval's end. */
      today: z.iso.date().optional(),
    }),
    defaults: { timeout: "20m" },
  },
  ({ task }) => {
    const schema = task("create_schema", { run: initSchema });
    const generated = task("generate_files", {
      run: ({ params: { numClients, seed, pass, today }, dataInterval }) => {
        const { rawDir, startLoanDate } = readSettings();
        const until = today ?? dataInterval.end.toISOString().slice(0, 10);
        return generateFiles({ rawDir, startLoanDate, numClients, seed, pass, today: until });
      },
    });
    task("split_files", {
      after: [schema, generated],
      run: ({ params: { parts, pass } }) => {
        const { rawDir, splitDir } = readSettings();
        return splitFiles({ rawDir, splitDir, parts, after: (pass - 1) * parts });
      },
    });
  },
);
