import { sourceTables, type SourceTable, sourceOf } from "./source-tables.ts";

/** One source of the warehouse: where it is, and how its rows read as orders. */
export interface Extractor {
  /** Names the source in `staging.tmp_sources.source_system`. */
  readonly sourceSystem: string;
  /** A select of the 20 columns of `staging.tmp_sources`, in their order: a file below `sql/craft_market`. */
  readonly file: string;
  /** Tables that must be there with these columns before anything is read. */
  readonly tables: readonly SourceTable[];
}

const ofSchema = (sourceSystem: string): Extractor => ({
  sourceSystem,
  file: `transform/staging/sources/${sourceSystem}.sql`,
  tables: sourceTables.filter(({ name }) => sourceOf(name) === sourceSystem),
});

/** Every source of the warehouse. One more site is one more entry here; the star stays as it is. */
export const extractors: readonly Extractor[] = [
  ofSchema("source1"),
  ofSchema("source2"),
  ofSchema("source3"),
  ofSchema("external_source"),
];
