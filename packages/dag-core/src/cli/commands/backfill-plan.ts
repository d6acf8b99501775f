import type { Command } from "commander";
import { planText, type RequestFlags, requestOf, requestOptions } from "../backfill-request.ts";
import { leaf } from "../command.ts";
import { type OutputOptions, show } from "../output.ts";
import { withClient } from "../session.ts";

export function backfillPlan(parent: Command): void {
  const command = leaf(parent, "plan [dag]", {
    does: "List what a backfill would do, interval by interval; changes nothing.",
    example: "tidemill backfill plan orders_daily --from-date 2026-01-01 --to-date 2026-01-31",
  });
  requestOptions(command).action((dagId: string | undefined, flags: RequestFlags & OutputOptions) =>
    withClient(async ({ backfill }) => {
      const plan = await backfill.plan(requestOf(dagId, flags));
      await show(flags, plan, () => planText(plan));
    }),
  );
}
