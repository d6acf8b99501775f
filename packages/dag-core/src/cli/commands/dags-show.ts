import type { Command } from "commander";
import { leaf } from "../command.ts";
import { type OutputOptions, show } from "../output.ts";
import { declaredTasksTable } from "../run-text.ts";
import { scheduleText } from "../schedule-text.ts";
import { withClient } from "../session.ts";
import { facts } from "../table.ts";

export function dagsShow(parent: Command): void {
  leaf(parent, "show <dag>", {
    does: "Show a DAG: its schedule, the schema of its params, its tasks.",
    example: "tidemill dags show orders_daily",
  }).action((dagId: string, flags: OutputOptions) =>
    withClient(async ({ readModel }) => {
      const dag = await readModel.dag(dagId);
      await show(flags, dag, async () => {
        const { manifest } = dag;
        const about = facts({
          dag: dag.dagId,
          file: dag.file,
          description: dag.description,
          owner: dag.owner,
          tags: dag.tags.join(", ") || undefined,
          schedule: scheduleText(dag.schedule, dag.timezone),
          catchup: manifest.catchup,
          "start date": manifest.startDate,
          paused: dag.isPaused,
          "next run": dag.nextRunAfter,
          "last run": dag.lastRunId && `${dag.lastRunId} (${dag.lastState})`,
          "max active runs": manifest.maxActiveRuns,
          params: JSON.stringify(manifest.paramsSchema),
        });
        return `${about}\n\n${await declaredTasksTable(manifest)}`;
      });
    }),
  );
}
