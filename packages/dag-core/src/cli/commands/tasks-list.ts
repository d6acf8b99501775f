import type { Command } from "commander";
import { chooseRun } from "../choose-run.ts";
import { leaf } from "../command.ts";
import { type OutputOptions, show } from "../output.ts";
import { instanceName } from "../../kernel/instance-name.ts";
import { declaredTasksTable, elapsed } from "../run-text.ts";
import { withClient } from "../session.ts";
import { table } from "../table.ts";

export function tasksList(parent: Command): void {
  leaf(parent, "list <dag> [run]", {
    does: 'List the tasks of a DAG; with a run (or "latest") every try of them.',
    example: "tidemill tasks list orders_daily latest",
  }).action((dagId: string, runId: string | undefined, flags: OutputOptions) =>
    withClient(async (client) => {
      if (runId === undefined) {
        const { manifest } = await client.readModel.dag(dagId);
        return show(flags, manifest.tasks, () => declaredTasksTable(manifest));
      }
      const tries = await client.readModel.tries(dagId, await chooseRun(client, dagId, runId));
      return show(flags, tries, () =>
        table(
          ["task", "try", "state", "reason", "started", "took", "error"],
          tries.map((one) => [
            instanceName(one),
            one.tryNumber,
            one.state,
            one.reason,
            one.startedAt,
            elapsed(one.startedAt, one.endedAt),
            one.error,
          ]),
        ),
      );
    }),
  );
}
