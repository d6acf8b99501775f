import type { ConnectionRef, TaskContext } from "@tidemill/dag-core";
import type { CopyRows, PostgresHook } from "./hook.ts";
import { quoteTable } from "./session.ts";

export interface PostgresCopyOptions {
  readonly into: ConnectionRef<PostgresHook>;
  /** The table, with its schema. */
  readonly table: string;
  readonly columns: readonly string[];
  /** The rows, their values in the order of `columns`. */
  readonly rows: CopyRows;
  /** Empty the table first, in the same transaction. Defaults to false. */
  readonly truncate?: boolean;
  /** Names the transaction among those of the task. Defaults to the table. */
  readonly name?: string;
}

/**
 * Streams rows into a table by `COPY`, in one transaction; memory stays flat however many there are.
 *
 * @example await postgresCopy(ctx, { into: dwh, table: "staging.loans", columns: ["id", "amount"], rows: readRows() });
 */
export async function postgresCopy(
  ctx: TaskContext,
  options: PostgresCopyOptions,
): Promise<{ rowCount: number }> {
  const { into, table, columns, rows } = options;
  return ctx.transaction(into, options.name ?? table, async (tx) => {
    if (options.truncate === true) await tx.query(`truncate ${quoteTable(table)}`);
    const rowCount = await tx.copyFrom(table, columns, rows, { signal: ctx.signal });
    ctx.log.info(`copied into ${table}`, { rowCount });
    return { rowCount };
  });
}
