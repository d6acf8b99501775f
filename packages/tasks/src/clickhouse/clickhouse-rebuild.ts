import type { ConnectionRef, TaskContext } from "@tidemill/dag-core";
import { readSql, type SqlSource } from "../sql-file.ts";
import type { ClickHouseHook } from "./hook.ts";
import { parseTable, quoteName, quoteTable } from "./quote.ts";
import { checkTarget, swapStaging } from "./swap-staging.ts";

export interface ClickHouseRebuildOptions {
  readonly on: ConnectionRef<ClickHouseHook>;
  /** The target, `table` or `database.table`; it must exist. */
  readonly table: string;
  readonly columns: readonly string[];
  /** The query in ClickHouse; its columns are in the order of `columns`, its parameters `{name:Type}`. */
  readonly query: SqlSource & { readonly values?: Readonly<Record<string, unknown>> };
}

/**
 * Fills a ClickHouse table anew from a query in ClickHouse itself, so that it can be repeated: the rows go into a
 * shadow table of this attempt, which then takes the place of the target at once.
 * Two rebuilds of one table at a time would each swap in their own rows: let one run be active at a time.
 *
 * @returns The rows of the new content.
 * @throws TidemillError `TIDEMILL_INPUT_INVALID` for a table that is not there; the server's own errors otherwise.
 * @example
 * await clickhouseRebuild(ctx, { on: marts, table: "payments_mart.daily_kpi", columns: ["date", "dau"],
 *   query: { file: "payments_app/transform/payments_mart/daily_kpi.sql", values: { as_of: "2024-03-31" } } });
 */
export async function clickhouseRebuild(
  ctx: TaskContext,
  options: ClickHouseRebuildOptions,
): Promise<{ rows: number }> {
  const hook = await ctx.open(options.on);
  const table = parseTable(options.table, hook.database);
  await checkTarget(hook, table, "exchange");
  const text = (await readSql(options.query)).replace(/[;\s]+$/, "");
  const shadow = { ...table, table: `${table.table}__shadow_${ctx.attemptKey}` };
  const name = quoteTable(shadow);
  const { values } = options.query;
  await hook.command(`drop table if exists ${name} sync`);
  await hook.command(`create table ${name} as ${quoteTable(table)}`);
  try {
    const columns = options.columns.map(quoteName).join(", ");
    await hook.command(`insert into ${name} (${columns})\n${text}`, {
      ...(values && { values }),
      signal: ctx.signal,
    });
    const [row] = await hook.query<{ rows: string }>(`select count() as rows from ${name}`);
    ctx.signal.throwIfAborted();
    await swapStaging(hook, table, shadow, "exchange");
    const rows = Number(row?.rows ?? 0);
    ctx.log.info(`rebuilt ${options.table}`, { rows });
    return { rows };
  } finally {
    await hook
      .command(`drop table if exists ${name} sync`)
      .catch(() => ctx.log.warn(`shadow table ${shadow.table} was left behind`));
  }
}
