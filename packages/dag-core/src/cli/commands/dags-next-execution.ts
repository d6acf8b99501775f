import type { Command } from "commander";
import { leaf, wholeNumber } from "../command.ts";
import { type OutputOptions, show } from "../output.ts";
import { withClient } from "../session.ts";
import { table } from "../table.ts";

interface NextFlags extends OutputOptions {
  readonly numExecutions: number;
}

export function dagsNextExecution(parent: Command): void {
  leaf(parent, "next-execution <dag>", {
    does: "Show the next runs that the schedule asks for.",
    example: "tidemill dags next-execution orders_daily -n 5",
  })
    .option("-n, --num-executions <count>", "how many, at most 100", wholeNumber(1, 100), 1)
    .action((dagId: string, flags: NextFlags) =>
      withClient(async ({ readModel }) => {
        const next = await readModel.nextExecutions(dagId, flags.numExecutions);
        await show(flags, next, () => {
          if (next.length === 0) return `DAG ${dagId} has no next run: its schedule asks for none`;
          const rows = next.map((run) => [
            run.dataIntervalStart,
            run.dataIntervalEnd,
            run.runAfter,
          ]);
          return table(["data interval start", "data interval end", "run after"], rows);
        });
      }),
    );
}
