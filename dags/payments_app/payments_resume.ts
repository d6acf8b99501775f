import { dag } from "@tidemill/dag-core";
import { z } from "zod";
import { resume } from "./lib/procedures.ts";

export default dag(
  "payments_resume",
  {
    description: "Says that a person has seen to a batch that a critical check blocked.",
    schedule: null,
    startDate: "2024-01-01",
    maxActiveRuns: 1,
    timeout: "5m",
    tags: ["payments_app", "resume"],
    params: z.object({
      batchDt: z.iso.date(),
      /** What was wrong and what was done about it. */
      note: z.string().min(1),
      /** Critical checks whose finding is right for this batch, such as `transactions_empty` on a holiday. */
      accept: z
        .array(
          z.enum(["transactions_empty", "control_total", "transaction_conflict", "rate_missing"]),
        )
        .default([]),
    }),
  },
  ({ task }) => {
    task("resume", { timeout: "1m", run: resume });
  },
);
