import { type TaskContext, tidemillError } from "@tidemill/dag-core";
import type { PostgresTransaction } from "@tidemill/tasks/postgres";
import { allStored, type LoadCounts } from "../../lib/load-counts.ts";
import { batchOf } from "./generator/batch.ts";
import type { History } from "./generator/drafts.ts";
import { type SourceName, sourceNames } from "./generator/people.ts";
import { firstPass, orderRows, orderTables, type Row } from "./generator/rows.ts";
import { type ScaleName, scaleNames, scales } from "./generator/scales.ts";
import { sourceTables, type SourceTableName } from "./source-tables.ts";
import { craftMarketSql } from "./sql.ts";

export interface GenerateOptions {
  readonly scale: ScaleName;
  readonly seed: number;
  /** The day after the last one of the first pass. Defaults to that of the interval's end. */
  readonly today?: string | undefined;
  /** Defaults to the pass after the last one. */
  readonly pass?: number | undefined;
}

interface PassRow {
  readonly pass: number;
  readonly run_id: string;
  readonly scale: string;
  readonly seed: string;
  readonly today: string;
}

interface Plan {
  readonly pass: number;
  readonly scale: ScaleName;
  readonly seed: number;
  readonly today: string;
}

const columnsOf = (table: SourceTableName): string[] =>
  sourceTables.find(({ name }) => name === table)?.columns.map(({ name }) => name) ?? [];

const copy = (
  ctx: TaskContext,
  tx: PostgresTransaction,
  table: SourceTableName,
  rows: Iterable<Row>,
): Promise<number> => tx.copyFrom(table, columnsOf(table), rows, { signal: ctx.signal });

async function writeFirstPass(ctx: TaskContext, tx: PostgresTransaction, history: History) {
  await craftMarketSql.run(tx, "transform/etl/empty_sources.sql");
  let written = 0;
  for (const { table, rows } of firstPass(history)) written += await copy(ctx, tx, table, rows);
  return written;
}

/** Files that change the tables of a source; orders first, and in sources 1 and 2 the customers with them. */
const batchFiles: Readonly<Record<SourceName, readonly string[]>> = {
  source1: ["source1/craft_market_wide"],
  source2: ["source2/craft_market_orders_customers"],
  source3: ["source3/craft_market_orders", "source3/craft_market_customers"],
  external_source: ["external_source/craft_products_orders", "external_source/customers"],
};

async function writeBatch(
  ctx: TaskContext,
  tx: PostgresTransaction,
  history: History,
  pass: number,
): Promise<number> {
  let written = 0;
  for (const source of sourceNames) {
    const { firstId, lastId, statuses, addresses } = batchOf(history, source, pass);
    for (const file of batchFiles[source]) {
      await craftMarketSql.run(tx, `transform/${file}.sql`, {
        first_id: firstId,
        last_id: lastId,
        statuses: JSON.stringify(statuses),
        addresses: JSON.stringify(addresses),
      });
    }
    const rows = orderRows(history, source, firstId, lastId);
    written += await copy(ctx, tx, orderTables[source].table, rows);
    written += statuses.length + addresses.length;
  }
  return written;
}

const isScale = (name: string): name is ScaleName => scaleNames.some((one) => one === name);

/** A pass after the first goes on from the history that is there, whatever this run was told. */
function planOf(ctx: TaskContext, options: GenerateOptions, passes: readonly PassRow[]): Plan {
  const [first] = passes;
  const written = passes.find(({ run_id }) => run_id === ctx.runId);
  const pass = options.pass ?? written?.pass ?? (passes.at(-1)?.pass ?? 0) + 1;
  const { scale, seed } = options;
  const today = options.today ?? ctx.dataInterval.end.toISOString().slice(0, 10);
  if (pass === 1) return { pass, scale, seed, today };
  if (first && isScale(first.scale) && passes.some((one) => one.pass === pass - 1)) {
    return { pass, scale: first.scale, seed: Number(first.seed), today: first.today };
  }
  throw tidemillError("TIDEMILL_INPUT_INVALID", {
    subject: `Pass ${pass} of the sample data`,
    problem: "follows a pass that is not in the sources",
    remedy: "leave the param pass away, or begin with pass 1",
  });
}

/**
 * Writes one pass of sample data into the tables of the sources: the first a whole history, each later one
 * new orders, new statuses and new addresses. A run that is cleared writes the same pass again.
 */
export async function generateSources(
  ctx: TaskContext,
  tx: PostgresTransaction,
  options: GenerateOptions,
): Promise<LoadCounts> {
  const { rows: passes } = await craftMarketSql.run<PassRow>(tx, "transform/etl/read_passes.sql");
  const plan = planOf(ctx, options, passes);
  const history = { seed: plan.seed, scale: scales[plan.scale], today: plan.today };
  const written =
    plan.pass === 1
      ? await writeFirstPass(ctx, tx, history)
      : await writeBatch(ctx, tx, history, plan.pass);
  await craftMarketSql.run(tx, "transform/etl/generator_passes.sql", {
    ...plan,
    run_id: ctx.runId,
    written_rows: written,
  });
  return allStored(written);
}
