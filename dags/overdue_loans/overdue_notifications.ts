import { dag } from "@tidemill/dag-core";
import { z } from "zod";
import { fillOutbox } from "./lib/notices/fill-outbox.ts";
import { findDue } from "./lib/notices/find-due.ts";
import { measure } from "./lib/notices/measure.ts";
import { sendNotices } from "./lib/notices/send-notices.ts";
import { readSettings } from "./lib/settings.ts";

export default dag(
  "overdue_notifications",
  {
    description:
      "Reminds borrowers of payments by stages, one notice a day each, outside of quiet hours.",
    schedule: "0 9 * * *",
    timezone: readSettings().zone,
    startDate: "2024-01-01",
    catchup: "none",
    maxActiveRuns: 1,
    timeout: "1h",
    tags: ["overdue_loans", "notices"],
    params: z.object({
      /** The day that the notices are about. Defaults to that of the interval's end. */
      date: z.iso.date().optional(),
      /** Payments planned longer ago are with collection already. */
      oldestDays: z.int().positive().default(90),
      /** How many days before it the two policies are compared on. */
      simulationDays: z.int().min(31).max(3_650).default(365),
    }),
    defaults: { retries: 2, retryDelay: "5m", timeout: "20m" },
  },
  ({ task }) => {
    const due = task("find_due", { run: (ctx) => findDue(ctx, ctx.params) });
    const filled = task("fill_outbox", {
      inputs: { due },
      run: (ctx) => fillOutbox(ctx, ctx.inputs.due.day, ctx.params),
    });
    const sent = task("send", {
      inputs: { due },
      after: [filled],
      run: (ctx) => sendNotices(ctx, ctx.params),
    });
    task("measure", {
      inputs: { due },
      after: [sent],
      run: (ctx) => measure(ctx, ctx.inputs.due.day, ctx.params),
    });
  },
);
