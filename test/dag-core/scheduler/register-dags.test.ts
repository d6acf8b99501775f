import { expect, test } from "@jest/globals";
import { testDatabase } from "../../helpers/database.ts";
import { plainDag, register, sql } from "../../helpers/factory.ts";
import { heldTransaction, untilBlocked } from "../../helpers/held-transaction.ts";

test("a run is created of a DAG that is registered anew meanwhile: neither waits for the other in a circle", async () => {
  await using db = await testDatabase();
  const daily = plainDag("d", { a: [] }, { schedule: "@daily" });
  await register(db.database, daily);
  await using creation = await heldTransaction(db.database);
  await creation.query("set local lock_timeout = '100ms'");
  await creation.query("select from dag where dag_id = 'd' for no key update");
  const registered = register(db.database, daily);
  await untilBlocked(db.database);
  await creation.query(
    `insert into dag_run (dag_id, dag_version_id, run_id, run_type, triggered_by, run_after,
       data_interval_start, data_interval_end)
     select dag_id, dag_version_id, 'r', 'scheduled', 'test', now(), now(), now() from dag`,
  );
  await creation.commit();
  await registered;
  expect(await sql(db.database, "select run_id from dag_run")).toEqual([{ run_id: "r" }]);
});
