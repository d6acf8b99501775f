import type { Command } from "commander";
import { type TopLeaf, leaf } from "../command.ts";
import type { OutputOptions } from "../output.ts";
import { serveRole } from "../serve-role.ts";

export function worker(parent: Command, about: TopLeaf): void {
  leaf(parent, about.usage, about).action((flags: OutputOptions) =>
    serveRole("worker", flags, false),
  );
}
