import type { Command } from "commander";
import { formatMs } from "../../kernel/duration.ts";
import { leaf } from "../command.ts";
import { type OutputOptions, show } from "../output.ts";
import { withClient } from "../session.ts";
import { facts } from "../table.ts";

export function backfillStatus(parent: Command): void {
  leaf(parent, "status <backfill>", {
    does: "Show how far a backfill is and how long the rest takes.",
    example: "tidemill backfill status 7",
  }).action((backfillId: string, flags: OutputOptions) =>
    withClient(async ({ backfill }) => {
      const found = await backfill.status(backfillId);
      await show(flags, found, () =>
        facts({
          backfill: found.backfillId,
          dag: found.dagId,
          state: found.state,
          from: found.fromDate,
          to: found.toDate,
          reprocess: found.reprocess,
          "max active runs": found.maxActiveRuns,
          runs: found.runs,
          queued: found.queued,
          running: found.running,
          success: found.success,
          failed: found.failed,
          cancelled: found.cancelled,
          "left as they were": found.skipped,
          ended: `${Math.floor(found.progress * 100)} %`,
          "time left": found.secondsLeft === null ? null : formatMs(found.secondsLeft * 1_000),
          "created by": found.createdBy,
          "created at": found.createdAt,
          "ended at": found.endedAt,
          plan: found.planHash,
        }),
      );
    }),
  );
}
