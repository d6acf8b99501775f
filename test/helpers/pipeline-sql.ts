import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import type { TaskContext } from "@tidemill/dag-core";
import { testContext } from "@tidemill/dag-core/testing";
import { targetDatabase } from "./target-database.ts";

/** The SQL files of a pipeline, by their names in its folder. */
export const sqlFiles = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".sql"))
    .toSorted();

/** The files that the schema of a pipeline is made of: its own, and the run log that pipelines share. */
export const schemaFiles = (folder: string): readonly string[] => [
  "../lib/schema/etl/run_log.sql",
  ...sqlFiles(folder).filter((file) => file.startsWith("schema/")),
];

/** Tests of each file of a folder: what it says of itself, and that it is as exact as that. */
export function describeSqlFiles(folder: string): void {
  describe.each(sqlFiles(folder))("%s", (file) => {
    const sql = readFileSync(join(folder, file), "utf8");

    test("says in its first five lines what it fills, from what, and with which parameters", () => {
      const headings = sql.split("\n", 5).map((line) => /^-- ([a-z]+): ./.exec(line)?.[1]);
      expect(headings).toEqual(["target", "grain", "keys", "reads", "params"]);
      const listed = /^-- params: (.+)$/m.exec(sql)?.[1]?.split(", ") ?? [];
      const used = [...sql.matchAll(/@([a-z_]+)::/g)].map(([, name]) => name);
      expect(listed.filter((name) => name !== "none").toSorted()).toEqual(
        [...new Set(used)].toSorted(),
      );
    });

    test("names its columns and asks no clock for the rows that it chooses", () => {
      expect(sql).not.toMatch(/select\s+(\w+\.)?\*/);
      expect(sql).not.toMatch(/\bbetween\b(?! 1 and 18)/);
      expect(sql).not.toMatch(/[<>]=?\s*now\(\)/);
    });
  });
}

export interface PipelineSchema {
  readonly connectionId: string;
  readonly initSchema: (ctx: TaskContext) => Promise<unknown>;
  readonly schemas: readonly string[];
  /** Fewer columns than the schemas have, so that an empty answer cannot pass. */
  readonly fewColumns: number;
}

/** A test that the schema of a pipeline can be created twice. */
export function testSchemaTwice(given: PipelineSchema): void {
  const { connectionId, initSchema, schemas, fewColumns } = given;
  test("the schema can be created twice, and is the same after it", async () => {
    await using target = await targetDatabase();
    const dump = () =>
      target.query(
        `select table_schema, table_name, column_name, data_type, is_nullable, column_default
         from information_schema.columns
         where table_schema = any ($1::text[]) order by 1, 2, ordinal_position`,
        [schemas],
      );
    const create = async () => {
      await using ctx = testContext({ connections: { [connectionId]: target.uri } });
      return await initSchema(ctx);
    };
    await create();
    const first = await dump();
    await create();
    expect(await dump()).toEqual(first);
    expect(first.length).toBeGreaterThan(fewColumns);
  });
}
