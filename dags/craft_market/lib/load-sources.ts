import { type TaskContext, tidemillError } from "@tidemill/dag-core";
import { type LoadCounts, noRows } from "../../lib/load-counts.ts";
import { copySources } from "./copy-sources.ts";
import { generateSources, type GenerateOptions } from "./generate-sources.ts";
import { loggedLoad } from "./logged-load.ts";
import { type CsvOptions, readDatabase, readFolder } from "./read-sources.ts";
import { craftMarketSql } from "./sql.ts";

export const sourceKinds = ["in_place", "generated", "csv", "database"] as const;

export interface LoadSourcesOptions extends GenerateOptions {
  readonly sources: (typeof sourceKinds)[number];
  readonly csv?: CsvOptions | undefined;
}

function givenCsv(csv: CsvOptions | undefined): CsvOptions {
  if (csv) return csv;
  throw tidemillError("TIDEMILL_INPUT_INVALID", {
    subject: `Param "csv"`,
    problem: `is not given, and sources is "csv"`,
    remedy: `give it a folder: {"sources": "csv", "csv": {"folder": "/data/craft"}}`,
  });
}

/**
 * Brings the tables of the sources up to date: by nothing where they are in this database already (`in_place`),
 * by sample data, from CSV files, or from the database `craft_market_sources`.
 */
export const loadSources = (ctx: TaskContext, options: LoadSourcesOptions): Promise<LoadCounts> =>
  loggedLoad(ctx, "sources", async (tx) => {
    const { sources, csv } = options;
    if (sources === "in_place") return noRows;
    const counts =
      sources === "generated"
        ? await generateSources(ctx, tx, options)
        : await copySources(
            ctx,
            tx,
            sources === "csv" ? readFolder(givenCsv(csv)) : readDatabase(ctx),
          );
    await craftMarketSql.run(tx, "transform/etl/analyze_sources.sql");
    return counts;
  });
