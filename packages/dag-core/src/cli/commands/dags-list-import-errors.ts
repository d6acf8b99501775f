import type { Command } from "commander";
import { leaf } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { type OutputOptions, show } from "../output.ts";
import { withClient } from "../session.ts";
import { timeText } from "../table.ts";

export function dagsListImportErrors(parent: Command): void {
  leaf(parent, "list-import-errors", {
    does: "List the DAG files that cannot be imported, and why; exit code 1 if there are any.",
    example: "tidemill dags list-import-errors",
  }).action((flags: OutputOptions) =>
    withClient(async ({ readModel }) => {
      const errors = await readModel.importErrors();
      if (errors.length > 0) process.exitCode = exitCodes.failed;
      await show(flags, errors, () => {
        if (errors.length === 0) return "Every DAG file can be imported";
        const blocks = errors.map(
          ({ file, message, noticedAt }) => `${file} (since ${timeText(noticedAt)})\n  ${message}`,
        );
        return blocks.join("\n\n");
      });
    }),
  );
}
