import type { Command } from "commander";
import { chooseRun } from "../choose-run.ts";
import { leaf, whyOption } from "../command.ts";
import { type OutputOptions, show } from "../output.ts";
import { withClient } from "../session.ts";

interface CancelFlags extends OutputOptions {
  readonly dryRun?: boolean;
  readonly why?: string;
}

export function runsCancel(parent: Command): void {
  leaf(parent, "cancel <dag> <run>", {
    does: "End a run: what runs is aborted, what has not started is cancelled; teardowns run, unless cancelled once more.",
    example: "tidemill runs cancel orders_daily manual__2026-01-31T10:00:00+00:00_4f2a91",
  })
    .option("--dry-run", "say what would be cancelled")
    .option(...whyOption)
    .action((dagId: string, named: string, flags: CancelFlags) =>
      withClient(async (client) => {
        const { dryRun, why } = flags;
        const runId = await chooseRun(client, dagId, named);
        const done = await client.cancelRun(dagId, runId, { dryRun, why });
        const verb = done.isDryRun ? "would be cancelled" : "is cancelled";
        const left = done.teardowns > 0 ? `, ${done.teardowns} teardowns are left to run` : "";
        const tasks = `${done.tasks} of its tasks had not ended${left}`;
        await show(flags, done, () => `Run ${runId} of ${dagId} ${verb}; ${tasks}`);
      }),
    );
}
