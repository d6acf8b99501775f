import type { Command } from "commander";
import { backfillsTable } from "../backfill-request.ts";
import { leaf } from "../command.ts";
import { type OutputOptions, show } from "../output.ts";
import { withClient } from "../session.ts";

export function backfillList(parent: Command): void {
  leaf(parent, "list [dag]", {
    does: "List the backfills of a DAG, or of all, newest first.",
    example: "tidemill backfill list orders_daily",
  }).action((dagId: string | undefined, flags: OutputOptions) =>
    withClient(async ({ backfill }) => {
      const items = await backfill.list(dagId);
      await show(flags, items, () => backfillsTable(items));
    }),
  );
}
