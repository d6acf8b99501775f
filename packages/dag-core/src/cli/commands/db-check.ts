import type { Command } from "commander";
import { leaf } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { type OutputOptions, show } from "../output.ts";
import { readConfig, withDatabase } from "../session.ts";

export function dbCheck(parent: Command): void {
  leaf(parent, "check", {
    does: "Look whether the schema of the engine is up to date; exit code 1 if it is not.",
    example: "tidemill db check",
  }).action(async (flags: OutputOptions) =>
    withDatabase(await readConfig(), async (database) => {
      const { migrationState } = await import("../../store/migrate.ts");
      const state = await migrationState(database);
      const isUpToDate = state.pending.length === 0 && !state.isTooNew;
      if (!isUpToDate) process.exitCode = exitCodes.failed;
      await show(flags, { address: database.address, isUpToDate, ...state }, () => {
        const at = `The database at ${database.address} is at schema ${state.found}`;
        if (state.isTooNew) return `${at}, newer than ${state.known}; upgrade Tidemill here`;
        if (isUpToDate) return `${at}; this version knows ${state.known}`;
        return `${at}, this version needs ${state.known}; run "tidemill db migrate"`;
      });
    }),
  );
}
