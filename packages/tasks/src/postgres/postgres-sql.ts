import type { ConnectionRef, TaskContext } from "@tidemill/dag-core";
import { readSql, sqlKey, sqlName, type SqlSource } from "../sql-file.ts";
import type { PostgresHook } from "./hook.ts";
import { inlineParameters } from "./named-sql.ts";

export type PostgresSqlOptions = SqlSource & {
  readonly on: ConnectionRef<PostgresHook>;
  /** Values of the `@name` parameters; every name needs one, and no other may be given. */
  readonly values?: Readonly<Record<string, unknown>>;
  /** Names the transaction among those of the task. Defaults to the file's name. */
  readonly name?: string;
};

export interface PostgresSqlResult {
  /** Rows that the last statement changed or returned. */
  readonly rowCount: number;
  /** What the last statement returned, when it is no more than 20 rows. */
  readonly rows?: readonly Readonly<Record<string, Cell>>[];
}

/** A `json` column holds more than this; the type stops where the task's output is checked anyway. */
type Cell = string | number | boolean | null;

/** More does not belong into a task's output. */
const maxRows = 20;

/**
 * Runs one SQL file, of one or more statements, in one transaction. A retry after the commit gets the stored
 * result and does not run it again.
 *
 * @throws TidemillError `TIDEMILL_INPUT_INVALID` for a file that is not there, or for parameters that do not match.
 * @example
 * await postgresSql(ctx, { on: dwh, file: "shop_events/transform/dds/users.sql",
 *   values: { from: ctx.dataInterval.start, to: ctx.dataInterval.end } });
 */
export async function postgresSql(
  ctx: TaskContext,
  options: PostgresSqlOptions,
): Promise<PostgresSqlResult> {
  const sql = inlineParameters(await readSql(options), options.values, sqlName(options));
  return ctx.transaction(options.on, options.name ?? sqlKey(options), async (tx) => {
    const { rows, rowCount } = await tx.query<Record<string, Cell>>(sql);
    ctx.log.info(`${sqlName(options)} ran`, { rowCount });
    return rows.length > 0 && rows.length <= maxRows ? { rowCount, rows } : { rowCount };
  });
}
