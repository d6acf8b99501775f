import type { Command } from "commander";
import { chooseRun } from "../choose-run.ts";
import { leaf, whyOption } from "../command.ts";
import { type OutputOptions, show, withProgress } from "../output.ts";
import { withClient } from "../session.ts";
import { changedText, type ChoiceFlags, choiceOf, choiceOptions } from "../task-choice.ts";

interface ClearFlags extends OutputOptions, ChoiceFlags {
  readonly onlyRunning?: boolean;
  readonly onlyNew?: boolean;
  readonly dryRun?: boolean;
  readonly why?: string;
}

export function tasksClear(parent: Command): void {
  const command = leaf(parent, "clear <dag> [run] [tasks...]", {
    does: "Forget results, so that tasks run again; without tasks all of a run.",
    example:
      "tidemill tasks clear orders_daily scheduled__2026-01-31T00:00:00+00:00 load --downstream",
  });
  choiceOptions(command)
    .option("-r, --only-running", "only what runs; its attempt is aborted")
    .option("--only-new", "clear nothing; run the tasks that newer versions of the DAG brought")
    .option("--dry-run", "list what would be cleared")
    .option(...whyOption)
    .action((dagId: string, runId: string | undefined, tasks: string[], flags: ClearFlags) =>
      withClient(async (client) => {
        const { onlyRunning, onlyNew, dryRun, why } = flags;
        const run = runId === undefined ? undefined : await chooseRun(client, dagId, runId);
        const choice = choiceOf(dagId, run, tasks, flags);
        const done = await withProgress("runs cleared", (onProgress) =>
          client.clearTasks({ ...choice, onlyRunning, onlyNew, dryRun, why, onProgress }),
        );
        await show(flags, done, () => changedText(done, "cleared"));
      }),
    );
}
