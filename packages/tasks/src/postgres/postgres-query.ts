import { type ConnectionRef, type TaskContext, tidemillError } from "@tidemill/dag-core";
import { readSql, sqlName, type SqlSource } from "../sql-file.ts";
import type { PostgresHook } from "./hook.ts";
import { inlineParameters } from "./named-sql.ts";

export type PostgresQueryOptions = SqlSource & {
  readonly on: ConnectionRef<PostgresHook>;
  readonly values?: Readonly<Record<string, unknown>>;
  /** The most rows that may come back. Defaults to 10,000. */
  readonly limit?: number;
};

/**
 * The rows of a query.
 *
 * @throws TidemillError `TIDEMILL_INPUT_INVALID` when there are more rows than `limit`, rather than cutting them off.
 * @example const [row] = await postgresQuery<{ n: string }>(ctx, { on: dwh, sql: "select count(*) as n from dds.users" });
 */
export async function postgresQuery<Row = Record<string, unknown>>(
  ctx: TaskContext,
  options: PostgresQueryOptions,
): Promise<Row[]> {
  const { limit = 10_000 } = options;
  const sql = inlineParameters(await readSql(options), options.values, sqlName(options));
  const hook = await ctx.open(options.on);
  const rows: Row[] = [];
  for await (const batch of hook.stream<Row>(sql, [], { batchSize: Math.min(limit + 1, 1_000) })) {
    rows.push(...batch);
    if (rows.length > limit) throw tooManyRows(sqlName(options), limit);
  }
  return rows;
}

const tooManyRows = (subject: string, limit: number): Error =>
  tidemillError("TIDEMILL_INPUT_INVALID", {
    subject,
    problem: `returned more than ${limit} rows`,
    remedy: "raise limit, or read it with the hook's stream",
  });
