import type { Command } from "commander";
import { chooseRun } from "../choose-run.ts";
import { durationOption, leaf } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { type OutputOptions, show } from "../output.ts";
import { runText } from "../run-text.ts";
import { withClient } from "../session.ts";
import { noteFailures, watchRun } from "../watch-run.ts";

interface WatchFlags extends OutputOptions {
  readonly timeout?: number;
}

export function runsWatch(parent: Command): void {
  leaf(parent, "watch <dag> [run]", {
    does: "Wait for the end of a run and show how it goes; exit code 0 if it succeeded, else 1.",
    example: "tidemill runs watch orders_daily --timeout 10m",
  })
    .option("--timeout <duration>", "stop waiting after this time; the run goes on", durationOption)
    .action((dagId: string, named: string | undefined, flags: WatchFlags) =>
      withClient(async (client) => {
        const runId = await chooseRun(client, dagId, named);
        const isQuiet = flags.output === "json";
        const run = await watchRun(client, { dagId, runId, timeoutMs: flags.timeout, isQuiet });
        if (run.state !== "success") process.exitCode = exitCodes.failed;
        await show(flags, run, () => runText(run));
        noteFailures(run);
      }),
    );
}
