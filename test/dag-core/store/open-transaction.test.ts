import { expect, test } from "@jest/globals";
import { dagRunBegin } from "../../../packages/dag-core/src/store/dag-run.ts";
import type { Query } from "../../../packages/dag-core/src/store/sql.ts";
import { StaleRunError } from "../../../packages/dag-core/src/store/stale-run.ts";
import { testDatabase } from "../../helpers/database.ts";
import { insertRun, plainDag, register, sql } from "../../helpers/factory.ts";

const query = (name: string, text: string): Query => ({ name, text, parameters: [] });
const transactionId = query("TransactionId", "select pg_current_xact_id()::text as id");
const addEvent = query("AddEvent", "insert into event (name, actor) values ('one', 'trips')");
const divide = query("Divide", "select 1 / 0");
const addOther = query("AddOther", "insert into event (name, actor) values ('two', 'trips')");

async function eventNames(
  db: Awaited<ReturnType<typeof testDatabase>>,
): Promise<readonly string[]> {
  const rows = await sql<{ name: string }>(
    db.database,
    "select name from event where actor = 'trips' order by name",
  );
  return rows.map((row) => row.name);
}

test("a first statement that goes with the begin is in its transaction", async () => {
  await using db = await testDatabase();
  const ids = await db.database.transaction(
    async (tx) => [await tx.one(transactionId), await tx.one(transactionId)],
    { readsFirst: true },
  );
  expect(ids[0]).toEqual(ids[1]);
  const failed = db.database.transaction(
    async (tx) => {
      await tx.exec(addEvent);
      throw new Error("not this one");
    },
    { readsFirst: true },
  );
  await expect(failed).rejects.toThrow("not this one");
  expect(await eventNames(db)).toEqual([]);
});

test("the last statement commits all of a transaction, and where it errs nothing of it", async () => {
  await using db = await testDatabase();
  const failed = db.database.transaction(async (tx) => {
    await tx.exec(addEvent);
    await tx.last(divide);
  });
  await expect(failed).rejects.toThrow("division by zero");
  expect(await eventNames(db)).toEqual([]);
  await db.database.transaction(async (tx) => {
    await tx.exec(addEvent);
    await tx.last(addOther);
  });
  expect(await eventNames(db)).toEqual(["one", "two"]);
});

test("a last statement that cannot be sent commits nothing, and none comes after the last", async () => {
  await using db = await testDatabase();
  const lacking = { ...addOther, parameters: ["lacking"] };
  const unsent = db.database.transaction(async (tx) => {
    await tx.exec(addEvent);
    await tx.last(lacking);
  });
  await expect(unsent).rejects.toThrow("Query AddOther needs parameter @lacking");
  expect(await eventNames(db)).toEqual([]);
  const late = db.database.transaction(async (tx) => {
    await tx.last(addEvent);
    await tx.exec(addOther);
  });
  await expect(late).rejects.toThrow("Query AddOther comes after the last of its transaction");
  expect(await eventNames(db)).toEqual(["one"]);
});

test("a statement is followed by the second one, also where it errs, and each commits by itself", async () => {
  await using db = await testDatabase();
  const followed = db.database.followedBy(addOther, {});
  await expect(followed.exec(divide)).rejects.toThrow("division by zero");
  expect(await eventNames(db)).toEqual(["two"]);
  await followed.exec(addEvent);
  expect(await eventNames(db)).toEqual(["one", "two", "two"]);
});

test("runs of which one is not as its lock said begin all or none", async () => {
  await using db = await testDatabase();
  await register(db.database, plainDag("daily"));
  const ids = await Promise.all(
    ["first", "second"].map((runId) =>
      insertRun(db.database, { dagId: "daily", runId, state: "queued" }),
    ),
  );
  const runs = ids.map((id, nth) => ({ id, changed: nth, times_out_at: null }));
  const rows = { runs, instances: [], ready: [] };
  const begun = db.database.transaction((tx) => dagRunBegin(tx, rows, new Date()));
  await expect(begun).rejects.toThrow(StaleRunError);
  const states = await sql<{ state: string }>(db.database, "select distinct state from dag_run");
  expect(states).toEqual([{ state: "queued" }]);
});
