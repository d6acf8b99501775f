import type { Command } from "commander";
import { leaf } from "../command.ts";
import type { OutputOptions } from "../output.ts";
import { serveRole } from "../serve-role.ts";

export function worker(parent: Command): void {
  leaf(parent, "worker", {
    does: "Execute tasks for schedulers on other machines, until told to stop.",
    example: "TIDEMILL_DATABASE_URL=postgres://... tidemill worker",
  }).action((flags: OutputOptions) => serveRole("worker", flags, false));
}
