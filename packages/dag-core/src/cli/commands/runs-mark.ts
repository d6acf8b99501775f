import { type Command, Option } from "commander";
import type { MarkRunOptions } from "../../client/mark-run.ts";
import { chooseRun } from "../choose-run.ts";
import { leaf, whyOption } from "../command.ts";
import { type OutputOptions, show } from "../output.ts";
import { withClient } from "../session.ts";

interface MarkFlags extends OutputOptions {
  readonly state: MarkRunOptions["state"];
  readonly dryRun?: boolean;
  readonly why?: string;
}

export function runsMark(parent: Command): void {
  leaf(parent, "mark <dag> <run>", {
    does: "End a run by hand as a success or a failure; teardowns that are left run first.",
    example: "tidemill runs mark orders_daily latest --state failed",
  })
    .addOption(
      new Option("--state <state>", "how the run ends")
        .choices(["success", "failed"])
        .makeOptionMandatory(),
    )
    .option("--dry-run", "say what would be marked")
    .option(...whyOption)
    .action((dagId: string, named: string, flags: MarkFlags) =>
      withClient(async (client) => {
        const { state, dryRun, why } = flags;
        const runId = await chooseRun(client, dagId, named);
        const done = await client.markRun(dagId, runId, { state, dryRun, why });
        const verb = done.isDryRun ? "would be marked" : "is marked";
        const left = done.teardowns > 0 ? `, ${done.teardowns} teardowns are left to run` : "";
        await show(
          flags,
          done,
          () => `Run ${runId} of ${dagId} ${verb} ${state}; ${done.tasks} tasks with it${left}`,
        );
      }),
    );
}
