import type { Command } from "commander";
import type { Health } from "../../client/health.ts";
import { formatMs } from "../../kernel/duration.ts";
import { type TopLeaf, leaf } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { type OutputOptions, show } from "../output.ts";
import { withSession } from "../session.ts";
import { facts, table } from "../table.ts";

interface HealthFlags extends OutputOptions {
  readonly strict?: boolean;
}

const strictOption = [
  "--strict",
  "for a monitor: exit code 1 also for alerts that did not arrive and DAG files that cannot be imported",
] as const;

export function health(parent: Command, about: TopLeaf): void {
  leaf(parent, about.usage, about)
    .option(...strictOption)
    .action((flags: HealthFlags) =>
      withSession(async ({ client, config }) => {
        const { strict: isStrict = false } = flags;
        const found = await client.readModel.health({ leaseMs: config.leaseMs, isStrict });
        if (!found.isHealthy) process.exitCode = exitCodes.failed;
        // Strictly taken they stand among the problems.
        const alerts = isStrict ? [] : found.alertTroubles;
        await show(flags, found, () => healthText(found, alerts));
      }),
    );
}

async function healthText(found: Health, alerts: readonly string[]): Promise<string> {
  const oldest = found.oldestReadySeconds;
  const about = facts({
    healthy: found.isHealthy,
    problems: found.problems.join("; ") || undefined,
    alerts: alerts.join("; ") || undefined,
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
}
