import type { Command } from "commander";
import { leaf } from "../command.ts";
import { chooseRun } from "../choose-run.ts";
import { failuresText } from "../failures-text.ts";
import { type OutputOptions, show } from "../output.ts";
import { runText } from "../run-text.ts";
import { withClient } from "../session.ts";

export function runsShow(parent: Command): void {
  leaf(parent, "show <dag> [run]", {
    does: "Show a run and its tasks; without a run the newest.",
    example: "tidemill runs show orders_daily scheduled__2026-01-31T00:00:00+00:00",
  }).action((dagId: string, runId: string | undefined, flags: OutputOptions) =>
    withClient(async (client) => {
      const chosen = await chooseRun(client, dagId, runId);
      const run = await client.readModel.run(dagId, chosen);
      await show(flags, run, async () => {
        const failures = failuresText(run);
        return failures === "" ? runText(run) : `${await runText(run)}\n\n${failures}`;
      });
    }),
  );
}
