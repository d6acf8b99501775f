import { describe, expect, test } from "@jest/globals";
import { asset, dag } from "@tidemill/dag-core";
import type { Client } from "@tidemill/dag-core/client";
import { tickDue } from "../../../packages/dag-core/src/store/tick.ts";
import type { TestDatabase } from "../../helpers/database.ts";
import { eachTest } from "../../helpers/each-test.ts";
import { enginePair } from "../../helpers/engine-pair.ts";
import type { EngineProcess } from "../../helpers/engine-process.ts";
import { insertRun, register, sql } from "../../helpers/factory.ts";
import { heldTransaction } from "../../helpers/held-transaction.ts";
import { brokenInvariants } from "../../helpers/invariants.ts";

let db: TestDatabase;
let one: EngineProcess;
let two: EngineProcess;
let client: Client;

const orders = asset("raw.orders");
const rates = asset("raw.rates");
const startDate = "2026-01-01";
const run = () => undefined;
const load = dag("load", { schedule: null, startDate, maxActiveRuns: 100 }, ({ task }) => {
  task("orders", { outlets: [orders, orders], run });
});
const both = dag("both", { schedule: { assets: [orders, rates] }, startDate }, ({ task }) => {
  task("build", { run });
});
const either = dag(
  "either",
  { schedule: { assets: [orders, rates], when: "any" }, startDate, maxActiveRuns: 2 },
  ({ task }) => void task("build", { run }),
);

eachTest(
  () => enginePair(load, both, either),
  (made) => void ({ db, one, two, client } = made),
);

const runsOf = (dagId: string) =>
  sql<{ run_id: string; updates: number; state: string }>(
    db.database,
    `select run_id, state,
       (select count(*) from dag_run_asset_event l where l.dag_run_id = r.dag_run_id)::integer as updates
     from dag_run r where dag_id = $1::text order by dag_run_id`,
    dagId,
  );
const updatesOf = async (dagId: string) => (await runsOf(dagId)).map((row) => row.updates);
const pending = () =>
  sql(
    db.database,
    "select dag_id, asset, count(*)::integer as n from asset_pending group by 1, 2 order by 1, 2",
  );

describe("a DAG scheduled by assets", () => {
  test("is nothing to do for as long as it lacks one of them, or is paused", async () => {
    const hasRest = async () => {
      await sql(db.database, "update dag set next_run_after = null");
      return (await tickDue(one.database, 60_000))?.has_rest;
    };
    await sql(db.database, "update dag set is_paused = true where dag_id = 'either'");
    expect(await hasRest()).toBe(false);
    await client.updateAsset("raw.orders");
    expect(await hasRest()).toBe(false);
    await client.updateAsset("raw.rates");
    expect(await hasRest()).toBe(true);
    await client.pauseDag("both");
    expect(await hasRest()).toBe(false);
  });

  test("runs when any, or when all of them were updated, and takes every update once", async () => {
    await client.updateAsset("raw.orders");
    await client.updateAsset("raw.orders");
    await one.tick();
    expect(await updatesOf("either")).toEqual([2]);
    expect(await updatesOf("both")).toEqual([]);
    await client.updateAsset("raw.rates", { payload: { day: 1 } });
    await one.tick();
    expect(await updatesOf("either")).toEqual([2, 1]);
    expect(await updatesOf("both")).toEqual([3]);
    expect(await pending()).toEqual([]);
    const [made] = await runsOf("both");
    expect(made?.run_id).toMatch(/^asset_triggered__2\d{3}-.*\+00:00_\d+$/);
  });

  test("has the update with the end of the task: once, with its run and interval, and not of a ghost", async () => {
    await insertRun(db.database, {
      dagId: "load",
      state: "queued",
      interval: ["2026-01-05T00:00:00Z", "2026-01-06T00:00:00Z"],
    });
    await one.startRuns();
    const [claimed] = await one.claim(1);
    if (!claimed) throw new Error("nothing claimed");
    const ghost = { ...claimed, lease: "00000000-0000-4000-8000-000000000000" };
    await two.finish([ghost]);
    expect(await pending()).toEqual([]);
    await one.finish([claimed]);
    await two.finish([claimed]);
    await one.tick();
    const [made] = await sql<{ data_interval_start: Date; data_interval_end: Date }>(
      db.database,
      "select data_interval_start, data_interval_end from dag_run where dag_id = 'either'",
    );
    expect(await updatesOf("either")).toEqual([1]);
    expect(made).toEqual({
      data_interval_start: new Date("2026-01-05T00:00:00Z"),
      data_interval_end: new Date("2026-01-06T00:00:00Z"),
    });
    expect(await brokenInvariants(db.database, "under way")).toEqual({});
  });

  test("a task that failed or was marked has updated nothing", async () => {
    const error = { class: "Error", message: "no" };
    await insertRun(db.database, { dagId: "load", runId: "r", state: "queued" });
    await one.startRuns();
    await one.finish(await one.claim(1), {
      kind: "failed",
      reason: "error",
      error,
      retry: "never",
    });
    await client.markTasks({ dagId: "load", runId: "r", taskIds: ["orders"], state: "success" });
    await one.tick();
    expect(await pending()).toEqual([]);
    expect(await updatesOf("either")).toEqual([]);
  });

  test("loses no update that is committed while a run is made, and doubles none under two schedulers", async () => {
    await client.updateAsset("raw.orders");
    await using held = await heldTransaction(db.database);
    await held.query("select update_asset('raw.orders')");
    await Promise.all([one.createForAssets(), two.createForAssets()]);
    expect(await updatesOf("either")).toEqual([1]);
    await held.commit();
    await Promise.all([one.createForAssets(), two.createForAssets()]);
    expect(await updatesOf("either")).toEqual([1, 1]);
  });

  test("of many updates at once under two schedulers each is in exactly one run", async () => {
    await sql(db.database, "update dag set is_paused = true where dag_id = 'both'");
    for (let n = 0; n < 20; n++) {
      await insertRun(db.database, { dagId: "load", state: "queued" });
    }
    await one.startRuns();
    const claimed = await one.claim(20);
    for (let at = 0; at < 20; at += 4) {
      await Promise.all([
        one.finish(claimed.slice(at, at + 2)),
        two.finish(claimed.slice(at + 2, at + 4)),
        one.createForAssets(),
        two.createForAssets(),
      ]);
      await sql(
        db.database,
        "update dag_run set state = 'success', started_at = now(), ended_at = now() where dag_id = 'either'",
      );
    }
    await one.createForAssets();
    const [sums] = await sql<{ linked: number; distinct: number }>(
      db.database,
      `select count(*)::integer as linked, count(distinct asset_event_id)::integer as distinct
       from dag_run_asset_event join dag_run using (dag_run_id) where dag_id = 'either'`,
    );
    expect(sums).toEqual({ linked: 20, distinct: 20 });
    expect(await pending()).toEqual([{ dag_id: "both", asset: "raw.orders", n: 20 }]);
  });

  test("keeps to its active runs: what is updated meanwhile is one run later", async () => {
    for (let n = 0; n < 5; n++) {
      await client.updateAsset("raw.orders");
      await one.createForAssets();
    }
    expect(await updatesOf("either")).toEqual([1, 1]);
    await one.startRuns();
    await one.finish(await one.claim(10));
    await one.tick();
    expect(await updatesOf("either")).toEqual([1, 1, 3]);
  });

  test("that is at its active runs is nothing to do until one of them ends", async () => {
    await sql(db.database, "update dag set next_run_after = null");
    const hasRest = async () => (await tickDue(one.database, 60_000)).has_rest;
    for (let n = 0; n < 3; n++) {
      await client.updateAsset("raw.orders");
      await one.createForAssets();
    }
    expect(await updatesOf("either")).toEqual([1, 1]);
    expect(await hasRest()).toBe(false);
    await sql(
      db.database,
      `update dag_run set state = 'success', started_at = now(), ended_at = now()
       where dag_run_id = (select min(dag_run_id) from dag_run)`,
    );
    expect(await hasRest()).toBe(true);
  });

  test("whose run cannot be made is put off for a minute, and holds up no other and no other step", async () => {
    await sql(
      db.database,
      "create function refuse() returns trigger language plpgsql as $$ begin raise 'no room'; end $$",
    );
    await sql(
      db.database,
      "create trigger refuse before insert on dag_run for each row when (new.dag_id = 'both') execute function refuse()",
    );
    await insertRun(db.database, { dagId: "load", state: "queued" });
    for (const name of ["raw.orders", "raw.rates"]) await client.updateAsset(name);
    const failed = one.bus.next("scheduler.tick_failed");
    await one.tick();
    expect(await failed).toMatchObject({
      dagId: "both",
      error: expect.stringContaining("no room"),
    });
    expect(await updatesOf("either")).toEqual([2]);
    expect((await runsOf("load")).map((row) => row.state)).toEqual(["running"]);
    expect((await tickDue(one.database, 60_000)).has_rest).toBe(false);
    await sql(db.database, "drop trigger refuse on dag_run");
    await sql(db.database, "update dag set next_run_after = now() where dag_id = 'both'");
    await one.tick();
    expect(await updatesOf("both")).toEqual([2]);
  });

  test("while it is paused updates wait, for one run of all of them", async () => {
    await client.pauseDag("either");
    for (let n = 0; n < 3; n++) await client.updateAsset("raw.orders");
    await one.tick();
    expect(await updatesOf("either")).toEqual([]);
    await client.unpauseDag("either");
    await one.tick();
    expect(await updatesOf("either")).toEqual([3]);
  });

  test("an asset that leaves the schedule is not waited for any more", async () => {
    await client.updateAsset("raw.orders");
    const changed = dag("both", { schedule: { assets: [rates] }, startDate }, ({ task }) => {
      task("build", { run });
    });
    await register(db.database, load, changed);
    expect(await pending()).toEqual([]);
    await client.updateAsset("raw.rates");
    await one.tick();
    expect(await updatesOf("both")).toEqual([1]);
    expect(await updatesOf("either")).toEqual([]);
  });
});

test("assets are listed with who updates them and who runs for them", async () => {
  await client.pauseDag("both");
  await client.updateAsset("raw.orders");
  await one.tick();
  expect(await client.readModel.assets()).toEqual([
    {
      asset: "raw.orders",
      producers: ["load.orders"],
      consumers: ["both", "either"],
      updatedAt: expect.any(Date),
      updatedBy: "test",
      pending: 1,
    },
    {
      asset: "raw.rates",
      producers: [],
      consumers: ["both", "either"],
      updatedAt: null,
      updatedBy: null,
      pending: 0,
    },
  ]);
  await expect(client.updateAsset("no name")).rejects.toThrow('Asset id "no name"');
});
