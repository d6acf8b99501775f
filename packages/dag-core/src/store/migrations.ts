import { readdirSync, readFileSync } from "node:fs";

/** A step of the schema, as its file in `sql/migrations` says it. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  /** Whether older versions cannot work with the schema any more. */
  readonly isBreaking: boolean;
  readonly inTransaction: boolean;
}

const folder = new URL("../../sql/migrations/", import.meta.url);

/** The migrations that this version knows, in their order. */
export function readMigrations(): readonly Migration[] {
  return readdirSync(folder)
    .filter((file) => /^\d{6}_\w+\.sql$/.test(file))
    .sort()
    .map((file) => {
      const sql = readFileSync(new URL(file, folder), "utf8");
      const flags = sql.startsWith("--!") ? sql.slice(0, sql.indexOf("\n")) : "";
      return {
        number: Number(file.slice(0, 6)),
        name: file.slice(0, -".sql".length),
        sql,
        isBreaking: flags.includes("breaking"),
        inTransaction: !flags.includes("no-transaction"),
      };
    });
}
