import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { z } from "zod";
import { createClient } from "../../../packages/dag-core/src/client/create-client.ts";
import { DagCopies } from "../../../packages/dag-core/src/client/dag-copies.ts";
import { trigger } from "../../../packages/dag-core/src/client/trigger.ts";
import { testDatabase, type TestDatabase } from "../../helpers/database.ts";
import { insertRun, plainDag, register, sql } from "../../helpers/factory.ts";
import { heldTransaction, untilBlocked } from "../../helpers/held-transaction.ts";

let fixture: TestDatabase;
const scope = () => ({ database: fixture.database, actor: "test:anna" });
const runsOf = (dagId: string) =>
  sql<Record<string, unknown>>(
    fixture.database,
    "select run_id, state, run_type, logical_date, params, triggered_by from dag_run where dag_id = $1",
    dagId,
  );

beforeAll(async () => {
  fixture = await testDatabase();
  const params = z.object({ region: z.enum(["eu", "us"]).default("eu") });
  await register(
    fixture.database,
    plainDag("orders"),
    plainDag("regional", { a: [] }, { params }),
    plainDag("daily", { a: [] }, { schedule: "@daily", timezone: "Europe/Berlin" }),
    plainDag("exact"),
  );
});
afterAll(() => fixture.drop());

describe("trigger", () => {
  test("waits for another one of the same DAG only where it takes an interval", async () => {
    await using held = await heldTransaction(fixture.database);
    await held.query("select from dag where dag_id = 'exact' for no key update");
    const made = await trigger(scope(), "exact");
    expect(await runsOf("exact")).toMatchObject([{ run_id: made.runId, state: "queued" }]);
    await held.query("select from dag where dag_id = 'daily' for no key update");
    const waits = trigger(scope(), "daily", { interval: "2026-05-05" });
    await untilBlocked(fixture.database);
    await held.commit();
    expect((await waits).logicalDate).not.toBeNull();
  });

  test("makes a queued run and says who did it and why", async () => {
    const made = await trigger(scope(), "orders", { why: "a late file" });
    expect(made.runId).toMatch(/^manual__20.*\+00:00_[0-9a-f]{6}$/);
    expect(made.isPaused).toBe(false);
    expect(await runsOf("orders")).toEqual([
      {
        run_id: made.runId,
        state: "queued",
        run_type: "manual",
        logical_date: null,
        params: {},
        triggered_by: "test:anna",
      },
    ]);
    const events = await sql(
      fixture.database,
      "select name, actor, details ->> 'why' as why from event where dag_id = 'orders'",
    );
    expect(events).toEqual([{ name: "dag_run.created", actor: "test:anna", why: "a late file" }]);
  });

  test("an unknown DAG: names the one that was meant", async () => {
    await expect(trigger(scope(), "ordrs")).rejects.toMatchObject({
      code: "TIDEMILL_DAG_NOT_FOUND",
      message: expect.stringContaining('did you mean "orders"?'),
    });
  });

  test("params that do not fit: path and reason, and no run", async () => {
    await expect(
      trigger(scope(), "regional", { params: { region: "asia" } }),
    ).rejects.toMatchObject({
      code: "TIDEMILL_PARAMS_INVALID",
      message: expect.stringContaining("region must be one of eu, us"),
    });
    expect(await runsOf("regional")).toEqual([]);
  });

  test("an interval is read in the zone of the DAG, covered, and covered once", async () => {
    const made = await trigger(scope(), "daily", { interval: "2026-01-05" });
    expect(made.logicalDate?.toISOString()).toBe("2026-01-04T23:00:00.000Z");
    expect(made.dataInterval.end.toISOString()).toBe("2026-01-05T23:00:00.000Z");
    await expect(trigger(scope(), "daily", { interval: "2026-01-05T12:00" })).rejects.toMatchObject(
      {
        code: "TIDEMILL_INTERVAL_COVERED",
        message: expect.stringContaining(made.runId),
      },
    );
  });

  test("an interval that is still to come is run at once", async () => {
    const made = await trigger(scope(), "daily", { interval: "2999-01-05" });
    expect(made.dataInterval.start.toISOString()).toBe("2999-01-04T23:00:00.000Z");
    const due = await sql(
      fixture.database,
      `select run_after <= now() as is_due from dag_run where run_id = '${made.runId}'`,
    );
    expect(due).toEqual([{ is_due: true }]);
  });

  test.each([
    ["2026-03-29", "2026-03-28T23:00:00.000Z", 23],
    ["2026-10-25", "2026-10-24T22:00:00.000Z", 25],
  ])("a day on which the clock changes, %s, is that day", async (interval, start, hours) => {
    const { logicalDate, dataInterval } = await trigger(scope(), "daily", { interval });
    expect(logicalDate?.toISOString()).toBe(start);
    expect(dataInterval.end.getTime() - dataInterval.start.getTime()).toBe(hours * 3_600_000);
  });

  test("of two at once for one interval, one makes a run", async () => {
    const both = await Promise.allSettled(
      [1, 2].map(() => trigger(scope(), "daily", { interval: "2026-02-01" })),
    );
    expect(both.map((one) => one.status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  test("without an interval the data interval is the last one that is over", async () => {
    const { dataInterval } = await trigger(scope(), "daily");
    const [row] = await sql<{ last: Date }>(
      fixture.database,
      "select date_trunc('day', now() at time zone 'Europe/Berlin') at time zone 'Europe/Berlin' as last",
    );
    expect(dataInterval.end).toEqual(row?.last);
  });

  test.each([
    ["2026-13-01", "TIDEMILL_DATE_INVALID"],
    ["gestern", "TIDEMILL_DATE_INVALID"],
  ])("an interval that is no date: %s", async (interval, code) => {
    await expect(trigger(scope(), "daily", { interval })).rejects.toMatchObject({ code });
  });

  test("an interval of a DAG without schedule", async () => {
    await expect(trigger(scope(), "orders", { interval: "2026-01-05" })).rejects.toMatchObject({
      code: "TIDEMILL_INTERVAL_NONE",
    });
  });

  test.each([
    ["scheduled__mine", "TIDEMILL_INPUT_INVALID"],
    ["a b", "TIDEMILL_ID_INVALID"],
    ["taken", "TIDEMILL_RUN_EXISTS"],
  ])("run id %s is refused", async (runId, code) => {
    if (runId === "taken") await insertRun(fixture.database, { dagId: "exact", runId });
    await expect(trigger(scope(), "exact", { runId })).rejects.toMatchObject({ code });
  });

  test("a client that knows the DAG goes by what it is now, not by its copy", async () => {
    const client = createClient({ database: fixture.database, actor: "test:anna" });
    const of = (values: readonly [string, string]) =>
      plainDag("moving", { a: [] }, { params: z.object({ to: z.enum(values).optional() }) });
    await register(fixture.database, of(["north", "east"]));
    await client.trigger("moving", { params: { to: "north" }, runId: "first" });
    await register(fixture.database, of(["east", "south"]));
    await client.trigger("moving", { params: { to: "south" } });
    const north = client.trigger("moving", { params: { to: "north" } });
    await expect(north).rejects.toMatchObject({ code: "TIDEMILL_PARAMS_INVALID" });
    await register(fixture.database, of(["west", "south"]));
    const east = client.trigger("moving", { params: { to: "east" } });
    await expect(east).rejects.toMatchObject({ code: "TIDEMILL_PARAMS_INVALID" });
    await client.pauseDag("moving");
    expect((await client.trigger("moving")).isPaused).toBe(true);
    const twice = client.trigger("moving", { runId: "first" });
    await expect(twice).rejects.toMatchObject({ code: "TIDEMILL_RUN_EXISTS" });
    await sql(fixture.database, "update dag set is_present = false where dag_id = 'moving'");
    await expect(client.trigger("moving")).rejects.toMatchObject({
      code: "TIDEMILL_DAG_NOT_FOUND",
    });
    expect(await runsOf("moving")).toHaveLength(3);
  });

  test("a copy that is old is read anew once, and no more DAGs are remembered than a thousand", async () => {
    await register(fixture.database, plainDag("anew"));
    const copies = new DagCopies();
    const remembering = { ...scope(), copies };
    await trigger(remembering, "anew");
    const before = copies.get("anew");
    if (!before) throw new Error("nothing was remembered");
    await register(fixture.database, plainDag("anew", { a: [], b: ["a"] }));
    await trigger(remembering, "anew");
    expect(copies.get("anew")?.dag_version_id).not.toBe(before.dag_version_id);
    for (let nth = 0; nth < 1_000; nth++) copies.put({ ...before, dag_id: `other_${nth}` });
    expect([copies.get("anew"), copies.get("other_999")?.dag_id]).toEqual([undefined, "other_999"]);
    for (let nth = 1_000; nth < 1_999; nth++) copies.put({ ...before, dag_id: `other_${nth}` });
    copies.put({ ...before, dag_id: "other_1500" });
    expect(copies.get("other_999")?.dag_id).toBe("other_999");
  });
});
