import type { ConnectionRef, TaskContext } from "@tidemill/dag-core";
import { readSql, sqlName, type SqlSource } from "../sql-file.ts";
import type { ClickHouseHook } from "./hook.ts";
import { splitStatements } from "./split-statements.ts";

export type ClickHouseSqlOptions = SqlSource & {
  readonly on: ConnectionRef<ClickHouseHook>;
  /** Values of the `{name:Type}` parameters, in any statement of the text. */
  readonly values?: Readonly<Record<string, unknown>>;
};

/**
 * Runs a text of one or more statements, one after the other. ClickHouse has no transactions: write each
 * statement so that it can be run again (`create table if not exists`).
 *
 * @returns How many statements ran.
 * @throws TidemillError `TIDEMILL_INPUT_INVALID` for a file that is not there; the server's own error otherwise.
 * @example await clickhouseSql(ctx, { on: marts, file: "shop_events/clickhouse/001_create_marts.sql" });
 */
export async function clickhouseSql(
  ctx: TaskContext,
  options: ClickHouseSqlOptions,
): Promise<{ statements: number }> {
  const statements = splitStatements(await readSql(options));
  const hook = await ctx.open(options.on);
  for (const statement of statements) {
    await hook.command(statement, {
      ...(options.values && { values: options.values }),
      signal: ctx.signal,
    });
  }
  ctx.log.info(`${sqlName(options)} ran`, { statements: statements.length });
  return { statements: statements.length };
}
