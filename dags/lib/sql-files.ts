import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseNamedParameters } from "@tidemill/dag-core";
import { type PostgresSession, type QueryResult, sqlFolder } from "@tidemill/tasks/postgres";

type Values = Readonly<Record<string, unknown>>;

/** The SQL files of one pipeline, and as `../lib/` those that pipelines share. */
export interface SqlFiles {
  /** The text of a file below the pipeline's folder. */
  read(file: string): Promise<string>;
  /**
   * Runs a file with those of the values, and of the pipeline's name as `pipeline`, that it has parameters for; the
   * result is its last statement's.
   */
  run<Row>(session: PostgresSession, file: string, values?: Values): Promise<QueryResult<Row>>;
  /** The files that an `init` script includes, in its order: its `\ir` lines, as psql reads them. */
  included(file: string): Promise<string[]>;
}

/** The values that a text asks for, out of all that are known. */
export function valuesFor(sql: string, known: Values): Values {
  const names = new Set(parseNamedParameters(sql).names);
  return Object.fromEntries(Object.entries(known).filter(([name]) => names.has(name)));
}

/**
 * The files below `sql/<pipeline>`, or below that folder of `TIDEMILL_SQL_FOLDER`.
 *
 * @example const sql = sqlFiles("shop_events"); await sql.run(tx, "transform/dds/orders.sql", { run_id: ctx.runId });
 */
export function sqlFiles(pipeline: string): SqlFiles {
  const read = (file: string): Promise<string> =>
    readFile(resolve(sqlFolder(), pipeline, file), "utf8");
  return {
    read,
    async run<Row>(session: PostgresSession, file: string, values: Values = {}) {
      const sql = await read(file);
      return session.named<Row>(sql, valuesFor(sql, { pipeline, ...values }));
    },
    async included(file) {
      return [...(await read(file)).matchAll(/^\\ir (\S+)$/gm)].map(([, name]) => name ?? "");
    },
  };
}
