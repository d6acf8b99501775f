import { version } from "../engine/version.ts";
import { readMigrations } from "../store/migrations.ts";

/** Version of the package, number of its schema, and whether older versions can work with that. */
export function versionText(): string {
  const newest = readMigrations().at(-1);
  const breaking = newest?.isBreaking === true ? " (breaking)" : "";
  return `tidemill ${version}, schema ${newest?.number ?? 0}${breaking}`;
}
