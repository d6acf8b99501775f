import type { Command } from "commander";
import { leaf } from "../command.ts";
import { note, type OutputOptions, show } from "../output.ts";
import { scheduleText } from "../schedule-text.ts";
import { withClient } from "../session.ts";
import { table } from "../table.ts";

export function dagsList(parent: Command): void {
  leaf(parent, "list", { does: "List the DAGs.", example: "tidemill dags list" }).action(
    (flags: OutputOptions) =>
      withClient(async ({ readModel }) => {
        const dags = await readModel.dags();
        const columns = ["dag", "schedule", "paused", "next run", "last run", "active"];
        await show(flags, dags, () =>
          table(
            columns,
            dags.map((dag) => [
              dag.dagId,
              scheduleText(dag.schedule, dag.timezone),
              dag.isPaused,
              dag.nextRunAfter,
              dag.lastState,
              dag.running + dag.queued,
            ]),
          ),
        );
        const broken = (await readModel.importErrors()).length;
        const files = broken === 1 ? "1 file" : `${broken} files`;
        if (broken > 0)
          note(`${files} cannot be imported; "tidemill dags list-import-errors" says why`);
      }),
  );
}
