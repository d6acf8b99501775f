import type { Command } from "commander";
import { leaf } from "../command.ts";
import type { OutputOptions } from "../output.ts";
import { serveRole } from "../serve-role.ts";

interface SchedulerFlags extends OutputOptions {
  readonly migrate?: boolean;
}

export function scheduler(parent: Command): void {
  leaf(parent, "scheduler", {
    does: "Create and advance runs, execute tasks, send alerts, until told to stop.",
    example: "TIDEMILL_DATABASE_URL=postgres://... tidemill scheduler",
  })
    .option("--migrate", "bring the schema up to date first (the default)")
    .option("--no-migrate", "refuse to start on a schema that is not up to date")
    .action((flags: SchedulerFlags) => serveRole("scheduler", flags, flags.migrate ?? true));
}
