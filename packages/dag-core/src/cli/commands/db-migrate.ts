import type { Command } from "commander";
import { leaf } from "../command.ts";
import { type OutputOptions, show } from "../output.ts";
import { readConfig, withDatabase } from "../session.ts";

export function dbMigrate(parent: Command): void {
  leaf(parent, "migrate", {
    does: "Bring the schema of the engine up to date.",
    example: "TIDEMILL_DATABASE_URL=postgres://... tidemill db migrate",
  }).action(async (flags: OutputOptions) =>
    withDatabase(await readConfig(), async (database) => {
      const { migrate } = await import("../../store/migrate.ts");
      const applied = await migrate(database);
      await show(flags, { address: database.address, applied }, () =>
        applied.length === 0
          ? `The database at ${database.address} is up to date`
          : `Applied to ${database.address}:\n${applied.map((name) => `  ${name}`).join("\n")}`,
      );
    }),
  );
}
