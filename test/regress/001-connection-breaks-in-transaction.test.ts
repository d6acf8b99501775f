import { expect, test } from "@jest/globals";
import { isTransient } from "../../packages/dag-core/src/store/transient-errors.ts";
import { testDatabase } from "../helpers/database.ts";
import { sql } from "../helpers/factory.ts";

// A connection that broke between two statements of a transaction raised an error event that nobody listened to, which
// ends a process.
test("a connection that breaks between two statements ends the transaction and nothing else", async () => {
  await using db = await testDatabase();
  const judge = await db.database.connect();
  const broken = db.database.transaction(async (tx) => {
    const [own] = await sql<{ pid: number }>(tx, "select pg_backend_pid() as pid");
    await judge.query("select pg_terminate_backend($1)", [own?.pid]);
    await judge.query("select pg_sleep(0.1)");
    await sql(tx, "select 1");
  });
  const error: unknown = await broken.catch((thrown: unknown) => thrown);
  expect(isTransient(error)).toBe(true);
  await judge.end();
  expect(await sql(db.database, "select 1 as one")).toEqual([{ one: 1 }]);
});
