import type { TaskContext } from "@tidemill/dag-core";
import { paymentsApp } from "../../connections.ts";
import { allStored, type LoadCounts } from "../../lib/load-counts.ts";
import { type Batch, batchOf, type Window, windowOf } from "./batch.ts";
import { logged } from "./logged.ts";
import { openDatabase, type Source, type SourceRow } from "./source.ts";
import { sql } from "./sql.ts";
import { type DatabaseName, type ExtractMode, sourceTables } from "./tables.ts";

interface Query {
  readonly table: string;
  readonly mode: ExtractMode | "control";
  readonly columns: readonly string[];
}

interface Extraction {
  readonly ctx: TaskContext;
  readonly source: Source;
  readonly database: DatabaseName;
  readonly batch: Batch;
  readonly window: Window;
}

/** Rows as lists in the order of the columns, the batch at the end. */
async function* staged(
  batches: AsyncIterable<readonly SourceRow[]>,
  columns: readonly string[],
  rest: readonly unknown[],
): AsyncGenerator<readonly unknown[]> {
  for await (const rows of batches) {
    for (const row of rows) yield [...columns.map((column) => row[column]), ...rest];
  }
}

/** One query at a source, its rows put in the place of what stage holds of the table. */
async function extractQuery(extraction: Extraction, query: Query): Promise<number> {
  const { ctx, source, database, batch, window } = extraction;
  const text = await sql.read(`extract/${query.table}.sql`);
  const startedAt = new Date();
  const rows = await ctx.transaction(paymentsApp, `stage.${query.table}`, async (tx) => {
    await tx.query(`delete from stage.${query.table}`);
    const read = source.read(text, instants(window));
    const rest = [database, batch.batchDt];
    const count = await tx.copyFrom(
      `stage.${query.table}`,
      [...query.columns, "src_system", "batch_dt"],
      staged(read, query.columns, rest),
      { signal: ctx.signal },
    );
    await sql.run(tx, "transform/etl/extracted.sql", { table_name: query.table, rows: count });
    if (query.mode === "compare") {
      await tx.query("call etl.p02_drop_unchanged($1)", [query.table]);
    }
    return count;
  });
  await sql.run(await ctx.open(paymentsApp), "transform/etl/extract_log.sql", {
    run_id: ctx.runId,
    batch_dt: batch.batchDt,
    source: database,
    table_name: query.table,
    mode: query.mode,
    started_at: startedAt,
    finished_at: new Date(),
    rows,
  });
  ctx.log.info(`extracted ${query.table}`, { from: source.system, mode: query.mode, rows });
  return rows;
}

/** Drivers bind a Date as their own kind of timestamp; a text would be compared by each in its own way. */
const instants = ({ from, to, tomorrow, above }: Window): Readonly<Record<string, unknown>> => ({
  from: new Date(from),
  to: new Date(to),
  tomorrow: new Date(tomorrow),
  above,
});

const controlQuery: Query = {
  table: "control_total",
  mode: "control",
  columns: ["status", "row_count", "amount"],
};

const queriesOf = (database: DatabaseName): readonly Query[] => {
  const tables = Object.entries(sourceTables[database]).map(([table, { mode, columns }]) => ({
    table,
    mode,
    columns,
  }));
  return database === "payments" ? [...tables, controlQuery] : tables;
};

/** Extracts the tables of one database, one query after the other. */
export function extractDatabase(
  ctx: TaskContext<{ batchDt?: string | undefined; since?: string | undefined }>,
  database: DatabaseName,
): Promise<LoadCounts> {
  const batch = batchOf(ctx);
  return logged(ctx, batch.batchDt, async () => {
    const window = await windowOf(await ctx.open(paymentsApp), batch);
    await using source = await openDatabase(ctx, database);
    let total = 0;
    for (const query of queriesOf(database)) {
      ctx.signal.throwIfAborted();
      total += await extractQuery({ ctx, source, database, batch, window }, query);
    }
    if (database === "payments") await moveWatermark(ctx, batch);
    return allStored(total);
  });
}

const moveWatermark = (ctx: TaskContext, { batchDt, since }: Batch): Promise<null> =>
  ctx.transaction(paymentsApp, "watermark", async (tx) => {
    await sql.run(tx, "transform/etl/watermark.sql", { batch_dt: batchDt, since });
    return null;
  });
