import type { Command } from "commander";
import { formatMs } from "../../kernel/duration.ts";
import { type TopLeaf, leaf } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { type OutputOptions, show } from "../output.ts";
import { withSession } from "../session.ts";
import { facts, table } from "../table.ts";

export function health(parent: Command, about: TopLeaf): void {
  leaf(parent, about.usage, about).action((flags: OutputOptions) =>
    withSession(async ({ client, config }) => {
      const found = await client.readModel.health({ leaseMs: config.leaseMs });
      if (!found.isHealthy) process.exitCode = exitCodes.failed;
      await show(flags, found, async () => {
        const oldest = found.oldestReadySeconds;
        const about = facts({
          healthy: found.isHealthy,
          problems: found.problems.join("; ") || undefined,
          alerts: found.alertTroubles.join("; ") || undefined,
          "queued runs": found.queuedRuns,
          "running runs": found.runningRuns,
          "ready tasks": found.ready,
          "oldest ready for": oldest === null ? undefined : formatMs(oldest * 1_000),
          "import errors": found.importErrors,
        });
        if (found.processes.length === 0) return about;
        const columns = ["process", "kind", "host", "pid", "version", "state", "heartbeat"];
        const rows = found.processes.map((one) => [
          one.processId,
          one.kind,
          one.host,
          one.pid,
          one.version,
          one.state,
          `${formatMs(one.silentSeconds * 1_000)} ago`,
        ]);
        return `${about}\n\n${await table(columns, rows)}`;
      });
    }),
  );
}
