import { type TaskContext, tidemillError } from "@tidemill/dag-core";
import type { PostgresTransaction } from "@tidemill/tasks/postgres";
import type { LoadCounts } from "../../lib/load-counts.ts";
import { type Checked, type GivenRow, type Refused, rowChecker } from "./check-source-row.ts";
import { sourceOf, sourceTables, type SourceTable } from "./source-tables.ts";
import { craftMarketSql } from "./sql.ts";

/** Gives the rows of a table of a source. */
export type ReadTable = (table: SourceTable) => AsyncIterable<GivenRow>;

/** More is not a few bad rows but the wrong file. */
const mostRefused = 10_000;

interface Copied {
  readonly accepted: number;
  readonly refused: readonly Refused[];
}

function refuse(table: SourceTable, refused: Refused[], row: Refused): void {
  refused.push(row);
  if (refused.length <= mostRefused) return;
  throw tidemillError("TIDEMILL_CHECK_FAILED", {
    check: `rows of ${table.name} can be read`,
    problem: `found more than ${mostRefused} that cannot, the last by "${row.reason_code}"`,
    remedy: "look whether this is the right file or table, then clear this task",
  });
}

async function copyTable(
  ctx: TaskContext,
  tx: PostgresTransaction,
  table: SourceTable,
  rows: AsyncIterable<GivenRow>,
  check: (row: GivenRow) => Checked,
): Promise<Copied> {
  const refused: Refused[] = [];
  const accepted = async function* () {
    for await (const row of rows) {
      const checked = check(row);
      if (checked.cells) yield checked.cells;
      else refuse(table, refused, checked.refused);
    }
  };
  const columns = table.columns.map(({ name }) => name);
  const count = await tx.copyFrom(table.name, columns, accepted(), { signal: ctx.signal });
  return { accepted: count, refused };
}

/**
 * Replaces the tables of the sources by what `read` gives for each of them. A row that its table cannot take goes
 * to `dq.rejected_rows` with the first reason; the others are stored as they are.
 *
 * @throws TidemillError `TIDEMILL_CHECK_FAILED` for more than 10,000 such rows of one table, and what `read` throws.
 */
export async function copySources(
  ctx: TaskContext,
  tx: PostgresTransaction,
  read: ReadTable,
): Promise<LoadCounts> {
  await craftMarketSql.run(tx, "transform/etl/empty_sources.sql");
  const checker = rowChecker();
  let rowsOut = 0;
  let rowsRejected = 0;
  for (const table of sourceTables) {
    const check = checker(table);
    const { accepted, refused } = await copyTable(ctx, tx, table, read(table), check);
    await craftMarketSql.run(tx, "transform/dq/rejected_source_rows.sql", {
      run_id: ctx.runId,
      source: sourceOf(table.name),
      table_name: table.name,
      rows: JSON.stringify(refused),
    });
    rowsOut += accepted;
    rowsRejected += refused.length;
  }
  const rowsIn = rowsOut + rowsRejected;
  return { rowsIn, rowsOut, rowsRejected, rowsDuplicate: 0, rowsFiltered: 0 };
}
