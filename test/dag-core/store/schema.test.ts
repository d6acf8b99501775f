import { readFile } from "node:fs/promises";
import { expect, test } from "@jest/globals";
import { dumpSchema } from "../../../scripts/dump-schema.ts";
import { testDatabase } from "../../helpers/database.ts";

const committed = new URL("../../../packages/dag-core/schema.sql", import.meta.url);

test('schema.sql is what the migrations amount to; "npm run schema:dump" writes it', async () => {
  await using db = await testDatabase({ connections: 1 });
  expect(await dumpSchema(db.database)).toBe(await readFile(committed, "utf8"));
});

test("a change of the schema shows in its dump", async () => {
  await using db = await testDatabase({ connections: 1 });
  const before = await dumpSchema(db.database);
  await db.database.script("alter table pool add column owner text; create index on pool (owner)");
  const added = (await dumpSchema(db.database))
    .split("\n")
    .filter((line) => !before.includes(line));
  expect(added).toEqual([
    "  owner text,",
    "CREATE INDEX pool_owner_idx ON pool USING btree (owner);",
  ]);
});
