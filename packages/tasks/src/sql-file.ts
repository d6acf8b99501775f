import { readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { tidemillError } from "@tidemill/dag-core";

/** Where an SQL text comes from: a file below the SQL folder, or the text itself. */
export type SqlSource =
  | { readonly file: string; readonly sql?: undefined }
  | { readonly sql: string; readonly file?: undefined };

/**
 * The folder of the SQL files that tasks name: `TIDEMILL_SQL_FOLDER`, else `sql` in the working directory.
 *
 * @returns An absolute path.
 * @example join(sqlFolder(), "shop_events/schema") // "/srv/shop/sql/shop_events/schema"
 */
export const sqlFolder = (): string => resolve(process.env["TIDEMILL_SQL_FOLDER"] || "sql");

/** What an SQL text is called in errors and logs. */
export const sqlName = ({ file }: SqlSource): string =>
  file === undefined ? "SQL text" : `SQL file "${file}"`;

/** A short name for a transaction or a check: the file without folder and ending. */
export const sqlKey = ({ file }: SqlSource): string =>
  file === undefined ? "sql" : basename(file, ".sql");

/**
 * Reads the text.
 *
 * @throws TidemillError `TIDEMILL_INPUT_INVALID` when the file is not there.
 */
export async function readSql(source: SqlSource): Promise<string> {
  if (source.file === undefined) return source.sql;
  const path = resolve(sqlFolder(), source.file);
  return readFile(path, "utf8").catch((cause: unknown) => {
    const problem = `is not in ${sqlFolder()}`;
    const remedy = "name it relative to that folder, or set TIDEMILL_SQL_FOLDER";
    throw tidemillError(
      "TIDEMILL_INPUT_INVALID",
      { subject: sqlName(source), problem, remedy },
      { cause },
    );
  });
}
