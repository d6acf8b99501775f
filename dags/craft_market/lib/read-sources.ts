import { open } from "node:fs/promises";
import { join } from "node:path";
import { type TaskContext, tidemillError } from "@tidemill/dag-core";
import { readCsv } from "@tidemill/tasks/files";
import { craftMarketSources } from "../../connections.ts";
import type { GivenRow } from "./check-source-row.ts";
import type { ReadTable } from "./copy-sources.ts";
import { craftMarketSql } from "./sql.ts";

export interface CsvOptions {
  /** Holds one file for each table, for example `source1.craft_market_wide.csv`. */
  readonly folder: string;
  readonly delimiter: string;
  readonly encoding: string;
}

/** Stands for a cell with nothing in it, not even quotes; no site writes this. */
const missing = "\u{10FFFD}";

const nullable = (values: Readonly<Record<string, string>> | undefined): GivenRow["values"] =>
  values &&
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value === missing ? null : value]),
  );

const notReadable = (name: string, folder: string, cause: unknown): Error =>
  tidemillError(
    "TIDEMILL_INPUT_INVALID",
    {
      subject: `File "${name}"`,
      problem: `cannot be opened in "${folder}"`,
      remedy: "put it there, or name another folder in the param csv",
    },
    { cause },
  );

/** Reads CSV files with a header; `""` is an empty text, an empty cell without quotes is missing. */
export const readFolder = ({ folder, delimiter, encoding }: CsvOptions): ReadTable =>
  async function* (table): AsyncGenerator<GivenRow> {
    const name = `${table.name}.csv`;
    const required = table.columns.map((column) => column.name);
    const options = { name, required, delimiter, encoding, missing };
    const file = await open(join(folder, name)).catch((cause: unknown) => {
      throw notReadable(name, folder, cause);
    });
    for await (const { cells, values } of readCsv(file.createReadStream(), options)) {
      yield {
        cells: cells.map((cell) => (cell === missing ? "" : cell)),
        values: nullable(values),
      };
    }
  };

/** Reads the tables of a database that has the four schemas, by the selects in `sql/craft_market/extract`. */
export const readDatabase = (ctx: TaskContext): ReadTable =>
  async function* (table): AsyncGenerator<GivenRow> {
    const hook = await ctx.open(craftMarketSources);
    const sql = await craftMarketSql.read(`extract/${table.name}.sql`);
    for await (const batch of hook.stream<Readonly<Record<string, unknown>>>(sql)) {
      for (const row of batch) yield { values: texts(row) };
    }
  };

const texts = (row: Readonly<Record<string, unknown>>): Record<string, string | null> =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      value === null || value === undefined ? null : String(value as string | number),
    ]),
  );
