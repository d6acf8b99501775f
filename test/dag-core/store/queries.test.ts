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

  test.each(queries)(
    "$file $name runs and returns its columns",
    async ({ name, text, parameters }) => {
      await client.query("begin");
      try {
        const result = await client.query(
          text,
          parameters.map(() => null),
        );
        const columns = result.fields.map((field) => `${field.name}:${field.dataTypeID}`);
        expect(columns).toMatchSnapshot(name);
      } catch (error) {
        // A null where none may be is refused by a constraint, after the statement was understood.
        expect((error as { code?: string }).code).toMatch(/^23/);
      } finally {
        await client.query("rollback");
      }
    },
  );

  test("names are unique, since a connection prepares each query by its name", () => {
    const names = queries.map((query) => query.name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });
});
