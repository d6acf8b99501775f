import { type TaskContext, tidemillError } from "@tidemill/dag-core";
import { type Expectation, postgresCheck } from "@tidemill/tasks/postgres";
import { craftMarket } from "../../connections.ts";
import { type Extractor, extractors } from "./extractors.ts";
import type { SourceColumn, SourceTable } from "./source-tables.ts";
import { craftMarketSql } from "./sql.ts";

interface Check {
  readonly name: string;
  readonly file: string;
  readonly expect: Expectation;
  /** A warning does not stop the run. */
  readonly severity?: "warn";
}

const starChecks: readonly Check[] = [
  { name: "staging is filled", file: "staging_is_filled", expect: "rows" },
  { name: "every order has its dimensions", file: "no_orphans", expect: "no_rows" },
  { name: "staged orders are facts", file: "staged_orders_are_facts", expect: "no_rows" },
  { name: "staged orders = facts + rejects", file: "staged_orders_add_up", expect: "true" },
  {
    name: "a source tells every fact",
    file: "facts_are_staged",
    expect: "no_rows",
    severity: "warn",
  },
];
const martChecks: readonly Check[] = [
  { name: "orders by status add up", file: "status_counts_add_up", expect: "no_rows" },
  { name: "marts equal the facts", file: "marts_equal_facts", expect: "true" },
];

async function runChecks(ctx: TaskContext, checks: readonly Check[]) {
  const texts = checks.map(async ({ file, ...check }) => ({
    ...check,
    sql: await craftMarketSql.read(`checks/${file}.sql`),
  }));
  return postgresCheck(ctx, { on: craftMarket, checks: await Promise.all(texts) });
}

/** Stops the run when the star lost an order or points nowhere; only warns of facts that no source tells any more. */
export const checkStar = (ctx: TaskContext) => runChecks(ctx, starChecks);
/** Stops the run when a mart does not add up to the star. */
export const checkMarts = (ctx: TaskContext) => runChecks(ctx, martChecks);

const typeNames: Readonly<Record<SourceColumn["type"], readonly string[]>> = {
  bigint: ["bigint", "integer", "smallint"],
  date: ["date"],
  text: ["character varying", "text"],
};

interface ColumnRow {
  readonly table_name: string;
  readonly column_name: string | null;
  readonly data_type: string | null;
}

function columnProblem(
  table: SourceTable,
  column: SourceColumn,
  found: ReadonlyMap<string, string>,
): string[] {
  const type = found.get(column.name);
  if (type === undefined) return [`${table.name} has no column ${column.name}`];
  if (typeNames[column.type].includes(type)) return [];
  return [`${table.name}.${column.name} is ${type}, not ${column.type}`];
}

function tableProblems(table: SourceTable, rows: readonly ColumnRow[]): string[] {
  const found = new Map<string, string>();
  for (const { table_name, column_name, data_type } of rows) {
    if (table_name === table.name && column_name !== null) found.set(column_name, data_type ?? "");
  }
  if (found.size === 0) return [`${table.name} is not there`];
  return table.columns.flatMap((column) => columnProblem(table, column, found));
}

/**
 * Stops the run before anything is read when a source has lost a table or a column, or changed the type of one.
 *
 * @throws TidemillError `TIDEMILL_CHECK_FAILED` with every such column.
 */
export async function checkSources(
  ctx: TaskContext,
  sources: readonly Extractor[] = extractors,
): Promise<{ tables: number }> {
  const tables = sources.flatMap((source) => source.tables);
  const { rows } = await craftMarketSql.run<ColumnRow>(
    await ctx.open(craftMarket),
    "transform/etl/read_source_columns.sql",
    { tables: tables.map(({ name }) => name) },
  );
  const problems = tables.flatMap((table) => tableProblems(table, rows));
  if (problems.length > 0) {
    throw tidemillError("TIDEMILL_CHECK_FAILED", {
      check: "sources have their columns",
      problem: `found: ${problems.join("; ")}`,
      remedy:
        "look at what the site changed, adapt its select in sql/craft_market, then clear this task",
    });
  }
  return { tables: tables.length };
}
