import { expect, test } from "@jest/globals";
import pg from "pg";

import { testStack } from "../helpers/stack.ts";

test("the shared stack hands out a Postgres that answers", async () => {
  const { databaseUrl } = await testStack(["postgres"]);
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ fsync: string }>("show fsync");
  await client.end();
  expect(rows).toEqual([{ fsync: "off" }]);
});
