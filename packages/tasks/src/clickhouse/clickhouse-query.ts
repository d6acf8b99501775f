import type { ConnectionRef, TaskContext } from "@tidemill/dag-core";
import { readSql, type SqlSource } from "../sql-file.ts";
import type { ClickHouseHook } from "./hook.ts";

export type ClickHouseQueryTaskOptions = SqlSource & {
  readonly on: ConnectionRef<ClickHouseHook>;
  readonly values?: Readonly<Record<string, unknown>>;
};

/**
 * The rows of a query, as objects; 64-bit integers and decimals are strings.
 *
 * @example const [row] = await clickhouseQuery<{ n: string }>(ctx, { on: marts, sql: "select count() as n from daily" });
 */
export async function clickhouseQuery<Row = Record<string, unknown>>(
  ctx: TaskContext,
  options: ClickHouseQueryTaskOptions,
): Promise<Row[]> {
  const hook = await ctx.open(options.on);
  const { values } = options;
  return hook.query<Row>(await readSql(options), { ...(values && { values }), signal: ctx.signal });
}
