import { dag } from "@tidemill/dag-core";
import { z } from "zod";
import { generateEvents } from "./lib/generate-events.ts";
import { scaleNames } from "./lib/generator/scales.ts";

export default dag(
  "generate_events_minutely",
  {
    description:
      "Sends what one user does in two events to the topic user_events, or a whole volume on demand.",
    schedule: "* * * * *",
    startDate: "2024-01-01",
    catchup: "none",
    maxActiveRuns: 1,
    timeout: "30m",
    tags: ["shop_events", "generate"],
    params: z.object({
      /** `minute`: one user, two events. `demo`: 30 days, about 20,000 messages. `load`: 90 days, 2,000,000. */
      scale: z.enum(scaleNames).default("minute"),
      pass: z.int().positive().optional(),
      seed: z.int().default(42),
      today: z.iso.date().optional(),
    }),
    defaults: { retries: 1, retryDelay: "1m" },
  },
  ({ task }) => {
    task("produce_entities_and_events", {
      timeout: "20m",
      run: (ctx) => generateEvents(ctx, ctx.params),
    });
  },
);
