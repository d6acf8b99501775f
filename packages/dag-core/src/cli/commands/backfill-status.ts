import type { Command } from "commander";
import { formatMs } from "../../kernel/duration.ts";
import { leaf } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { type OutputOptions, show } from "../output.ts";
import { withClient } from "../session.ts";
import { facts } from "../table.ts";
import { watchBackfill } from "../watch-backfill.ts";

interface StatusFlags extends OutputOptions {
  readonly watch?: boolean;
}

export function backfillStatus(parent: Command): void {
  leaf(parent, "status <backfill>", {
    does: "Show how far a backfill is and how long the rest takes.",
    example: "tidemill backfill status 7",
  })
    .option("--watch", "wait for its end and show how it goes; exit code 0 if it succeeded, else 1")
    .action((backfillId: string, flags: StatusFlags) =>
      withClient(async (client) => {
        const isQuiet = flags.output === "json";
        const found =
          flags.watch === true
            ? await watchBackfill(client, backfillId, isQuiet)
            : await client.backfill.status(backfillId);
        if (flags.watch === true && found.state !== "success") process.exitCode = exitCodes.failed;
        await show(flags, found, () =>
          facts({
            backfill: found.backfillId,
            dag: found.dagId,
            state: found.state,
            from: found.fromDate,
            to: found.toDate,
            reprocess: found.reprocess,
            "max active runs": found.maxActiveRuns,
            "intervals in a run": found.batchSize,
            runs: found.runs,
            queued: found.queued,
            running: found.running,
            success: found.success,
            failed: found.failed,
            cancelled: found.cancelled,
            "left as they were": found.skipped,
            ended: `${Math.floor(found.progress * 100)} %`,
            "runs a minute":
              found.runsPerSecond === null || found.endedAt !== null
                ? null
                : (found.runsPerSecond * 60).toFixed(1),
            "time left": found.secondsLeft === null ? null : formatMs(found.secondsLeft * 1_000),
            "created by": found.createdBy,
            "created at": found.createdAt,
            "ended at": found.endedAt,
            plan: found.planHash,
            "failed runs": found.failures.map((one) => one.runId).join(" ") || null,
          }),
        );
      }),
    );
}
