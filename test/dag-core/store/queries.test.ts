import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type pg from "pg";
import { sectionsOf } from "../../../packages/dag-core/src/store/sql.ts";
import { testDatabase, type TestDatabase } from "../../helpers/database.ts";

const folder = new URL("../../../packages/dag-core/sql/queries/", import.meta.url);
const files = readdirSync(folder).filter((file) => file.endsWith(".sql"));
const queries = files.flatMap((file) =>
  sectionsOf(readFileSync(new URL(file, folder), "utf8")).map((query) => ({ file, ...query })),
);

describe("every query of the engine", () => {
  let db: TestDatabase;
  let client: pg.Client;

  beforeAll(async () => {
    db = await testDatabase();
    client = await db.database.connect();
  });
  afterAll(async () => {
    await client.end();
    await db.drop();
  });

  /** Columns with their types; of a query that refuses nulls, that it does. */
  const columnsOf = async (text: string, parameters: readonly string[]) => {
    try {
      const result = await client.query(
        text,
        parameters.map(() => null),
      );
      return result.fields.map((field) => `${field.name}:${field.dataTypeID}`);
    } catch (error) {
      // Integrity errors come from constraints, after the statement was understood; others are defects.
      if ((error as { code?: string }).code?.startsWith("23")) return "refused by a constraint";
      throw error;
    }
  };

  test.each(queries)(
    "$file $name runs and returns its columns",
    async ({ name, text, parameters }) => {
      await client.query("begin");
      const columns = await columnsOf(text, parameters);
      await client.query("rollback");
      expect(columns).toMatchSnapshot(name);
    },
  );

  test("names are unique, since a connection prepares each query by its name", () => {
    const names = queries.map((query) => query.name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });
});
