import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseNamedParameters } from "@tidemill/dag-core";
import type { PostgresSession, QueryResult } from "@tidemill/tasks/postgres";

type Values = Readonly<Record<string, unknown>>;

const folder = (): string => resolve(process.env["TIDEMILL_SQL_FOLDER"] ?? "sql", "shop_events");

/** The text of a file below `sql/shop_events`. */
export const readSql = (file: string): Promise<string> => readFile(resolve(folder(), file), "utf8");

/** The values that a text asks for, out of all that are known. */
export function valuesFor(sql: string, known: Values): Values {
  const names = new Set(parseNamedParameters(sql).names);
  return Object.fromEntries(Object.entries(known).filter(([name]) => names.has(name)));
}

/** Runs a file with those of the values that it has parameters for; the result is its last statement's. */
export async function runSqlFile<Row>(
  session: PostgresSession,
  file: string,
  values: Values = {},
): Promise<QueryResult<Row>> {
  const sql = await readSql(file);
  return session.named<Row>(sql, valuesFor(sql, values));
}

/** The files that an `init` script includes, in its order: its `\ir` lines, as psql reads them. */
export async function includedFiles(file: string): Promise<string[]> {
  const sql = await readSql(file);
  return [...sql.matchAll(/^\\ir (\S+)$/gm)].map(([, included]) => included ?? "");
}
