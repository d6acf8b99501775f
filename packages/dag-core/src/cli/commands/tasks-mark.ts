import { type Command, Option } from "commander";
import type { MarkTasksOptions } from "../../client/mark-tasks.ts";
import { chooseRun } from "../choose-run.ts";
import { leaf, whyOption } from "../command.ts";
import { type OutputOptions, show, withProgress } from "../output.ts";
import { withClient } from "../session.ts";
import { changedText, type ChoiceFlags, choiceOf, choiceOptions } from "../task-choice.ts";

interface MarkFlags extends OutputOptions, ChoiceFlags {
  readonly state: MarkTasksOptions["state"];
  readonly past?: boolean;
  readonly future?: boolean;
  readonly dryRun?: boolean;
  readonly why?: string;
}

export function tasksMark(parent: Command): void {
  const command = leaf(parent, "mark <dag> [run] [tasks...]", {
    does: "Set the state of tasks by hand; what failed after them runs again.",
    example: "tidemill tasks mark orders_daily latest load --state success",
  });
  choiceOptions(command)
    .addOption(
      new Option("--state <state>", "the state to set")
        .choices(["success", "failed", "skipped"])
        .makeOptionMandatory(),
    )
    .option("--past", "in all earlier runs too")
    .option("--future", "in all later runs too")
    .option("--dry-run", "list what would be marked")
    .option(...whyOption)
    .action((dagId: string, runId: string | undefined, tasks: string[], flags: MarkFlags) =>
      withClient(async (client) => {
        const { state, past, future, dryRun, why } = flags;
        const run = runId === undefined ? undefined : await chooseRun(client, dagId, runId);
        const choice = choiceOf(dagId, run, tasks, flags);
        const done = await withProgress("runs marked", (onProgress) =>
          client.markTasks({ ...choice, state, past, future, dryRun, why, onProgress }),
        );
        await show(flags, done, () => changedText(done, `marked ${state}`));
      }),
    );
}
