import { type Command, Option } from "commander";
import { type DagRunState, dagRunStates } from "../../definition/states.ts";
import { leaf, wholeNumber } from "../command.ts";
import { type OutputOptions, show } from "../output.ts";
import { runsTable } from "../run-text.ts";
import { withClient } from "../session.ts";

interface ListFlags extends OutputOptions {
  readonly state?: DagRunState;
  readonly limit: number;
}

export function runsList(parent: Command): void {
  leaf(parent, "list [dag]", {
    does: "List runs of a DAG, or of all, newest first.",
    example: "tidemill runs list orders_daily --state failed",
  })
    .addOption(new Option("--state <state>", "only runs in this state").choices(dagRunStates))
    .option("-n, --limit <count>", "how many", wholeNumber(1, 10_000), 50)
    .action((dagId: string | undefined, flags: ListFlags) =>
      withClient(async ({ readModel }) => {
        const runs = await readModel.runs({ dagId, state: flags.state, limit: flags.limit });
        await show(flags, runs, () => runsTable(runs));
      }),
    );
}
