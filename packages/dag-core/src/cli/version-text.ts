import { readdirSync, readFileSync } from "node:fs";
import { version } from "../engine/version.ts";

const folder = new URL("../../sql/migrations/", import.meta.url);

/** Version of the package, number of its schema, and whether older versions can work with that. */
export function versionText(): string {
  const files = readdirSync(folder).filter((file) => /^\d{6}_\w+\.sql$/.test(file));
  const newest = files.sort().at(-1) ?? "000000";
  const [flags = ""] = readFileSync(new URL(newest, folder), "utf8").split("\n", 1);
  const breaking = flags.startsWith("--!") && flags.includes("breaking") ? " (breaking)" : "";
  return `tidemill ${version}, schema ${Number(newest.slice(0, 6))}${breaking}`;
}
