import type { Command } from "commander";
import { type TopLeaf, leaf } from "../command.ts";
import type { OutputOptions } from "../output.ts";
import { serveRole } from "../serve-role.ts";

interface SchedulerFlags extends OutputOptions {
  readonly migrate?: boolean;
  readonly schedules?: boolean;
}

export function scheduler(parent: Command, about: TopLeaf): void {
  leaf(parent, about.usage, about)
    .option("--migrate", "bring the schema up to date first (the default)")
    .option("--no-migrate", "refuse to start on a schema that is not up to date")
    .option("--no-schedules", "run only what is triggered, create no runs by schedule")
    .action((flags: SchedulerFlags) => serveRole("scheduler", flags, flags.migrate ?? true));
}
