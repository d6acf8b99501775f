import { describe, expect, test } from "@jest/globals";
import type { Client } from "@tidemill/dag-core/client";
import { z } from "zod";
import { Database } from "../../../packages/dag-core/src/store/database.ts";
import { migrate } from "../../../packages/dag-core/src/store/migrate.ts";
import type { TestDatabase } from "../../helpers/database.ts";
import { eachTest } from "../../helpers/each-test.ts";
import { enginePair } from "../../helpers/engine-pair.ts";
import type { EngineProcess } from "../../helpers/engine-process.ts";
import { insertRun, instanceStates, plainDag, register, sql } from "../../helpers/factory.ts";
import { heldTransaction } from "../../helpers/held-transaction.ts";
import { brokenInvariants } from "../../helpers/invariants.ts";

let db: TestDatabase;
let one: EngineProcess;
let two: EngineProcess;
let client: Client;

const params = z.object({ region: z.string().default("eu") });
const registered = [
  plainDag("d", { a: [], b: ["a"] }, { params }),
  plainDag("daily", { a: [] }, { schedule: "@daily" }),
];
eachTest(
  () => enginePair(...registered),
  (made) => void ({ db, one, two, client } = made),
);

const ask = async (call: string, ...values: readonly unknown[]) => {
  const [row] = await sql<{ answer: string }>(
    db.database,
    `select tidemill.${call} as answer`,
    ...values,
  );
  return row?.answer ?? "";
};
const runs = () =>
  sql<Record<string, unknown>>(
    db.database,
    "select dag_id, run_type, state, params, triggered_by from dag_run order by dag_run_id",
  );
/** Events without what differs from one call to the next. */
const events = async () => {
  const rows = await sql<{
    name: string;
    details: Record<string, unknown>;
    [key: string]: unknown;
  }>(
    db.database,
    "select name, dag_id, dag_run_id is not null as of_run, details from event order by event_id",
  );
  const common = (details: object) => Object.entries(details).filter(([key]) => key !== "runId");
  return rows.map((row) => ({ ...row, details: Object.fromEntries(common(row.details)) }));
};
const tick = (process = one) => process.tick({ createsRuns: false });

describe("trigger", () => {
  test("is a run once the transaction commits, and nothing if it is rolled back", async () => {
    await using held = await heldTransaction(db.database);
    await held.query("select tidemill.trigger('d', '{\"region\": \"us\"}', 'mine')");
    await tick();
    expect(await runs()).toEqual([]);
    await held.commit();
    await tick();
    expect(await runs()).toMatchObject([
      { dag_id: "d", run_type: "manual", state: "running", params: { region: "us" } },
    ]);
    const client = await db.database.connect();
    await client.query("begin");
    await client.query("select tidemill.trigger('d')");
    await client.query("rollback");
    await client.end();
    await tick();
    expect(await runs()).toHaveLength(1);
  });

  test("wakes the schedulers at the commit", async () => {
    const listener = await db.database.connect();
    const woken = new Promise<string>((resolve) =>
      listener.on("notification", ({ payload }) => resolve(payload ?? "nothing")),
    );
    await listener.query("listen tidemill_wake");
    await ask("trigger('d')");
    expect(await woken).toBe("");
    await listener.end();
  });

  test("gives the same run, with the same events, as the verb of the client", async () => {
    const runId = await ask("trigger('d', $1::jsonb, why => 'late file')", { region: "us" });
    await tick();
    const { runId: other } = await client.trigger("d", {
      params: { region: "us" },
      why: "late file",
    });
    await tick();
    expect(other).toMatch(/^manual__\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?\+00:00_[0-9a-f]{6}$/);
    expect(runId).toMatch(/^manual__\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00_[0-9a-f]{6}$/);
    const [asked, told] = await runs();
    expect({ ...asked, triggered_by: "" }).toEqual({ ...told, triggered_by: "" });
    expect(asked?.["triggered_by"]).toMatch(/^sql:./);
    const [first, second] = await events();
    expect(first).toMatchObject({
      name: "dag_run.created",
      of_run: true,
      details: { why: "late file" },
    });
    expect(first).toEqual(second);
  });

  test("covers the interval that it names", async () => {
    await ask("trigger('daily', interval_of => '2026-01-05')");
    await tick();
    expect(
      await sql(
        db.database,
        "select logical_date from dag_run join dag_run_interval using (dag_run_id)",
      ),
    ).toEqual([{ logical_date: new Date("2026-01-05T00:00:00Z") }]);
  });

  test("of a paused DAG is a run that stays queued", async () => {
    await client.pauseDag("d");
    await ask("trigger('d')");
    await tick();
    expect(await runs()).toMatchObject([{ state: "queued" }]);
  });

  test("whose params do not fit is refused by the scheduler, with an event that says why", async () => {
    const refused = one.bus.next("request.refused");
    await ask("trigger('d', $1::jsonb)", { region: 7 });
    await ask("trigger('d')");
    await tick();
    expect(await refused).toMatchObject({ dagId: "d", verb: "trigger" });
    expect(await runs()).toHaveLength(1);
    expect((await events())[0]).toMatchObject({
      name: "request.refused",
      details: { verb: "trigger", code: "TIDEMILL_PARAMS_INVALID" },
    });
    expect(await sql(db.database, "select from request")).toEqual([]);
  });

  const wrong: readonly (readonly [string, string, string])[] = [
    ["an unknown DAG", "trigger('dd')", 'TIDEMILL_DAG_NOT_FOUND: DAG "dd" is not known here'],
    ["a run id that is none", "trigger('d', run_id => 'a b')", 'TIDEMILL_ID_INVALID: Run id "a b"'],
    ["a run id with two dots", "trigger('d', run_id => 'a..b')", "TIDEMILL_ID_INVALID"],
    [
      "the run id of another type",
      "trigger('d', run_id => 'scheduled__1')",
      "TIDEMILL_INPUT_INVALID",
    ],
    ["a run that exists", "trigger('d', run_id => 'there')", 'TIDEMILL_RUN_EXISTS: Run "there"'],
    ["a run that was asked for", "trigger('d', run_id => 'asked')", "TIDEMILL_RUN_EXISTS"],
    [
      "to cancel an unknown run",
      "cancel('d', 'none')",
      'TIDEMILL_RUN_NOT_FOUND: Run "none" of DAG "d"',
    ],
    ["to cancel what has ended", "cancel('d', 'over')", "TIDEMILL_STATE_REFUSED"],
    [
      "to clear an unknown task",
      "clear('d', 'there', '{a,x}')",
      'TIDEMILL_TASK_NOT_FOUND: Task "x"',
    ],
    ["to pause an unknown DAG", "pause('dd')", "TIDEMILL_DAG_NOT_FOUND"],
  ];
  test.each(wrong)("%s is refused at once", async (_, call, message) => {
    await insertRun(db.database, { dagId: "d", runId: "there" });
    await insertRun(db.database, { dagId: "d", runId: "over", state: "success" });
    await ask("trigger('d', run_id => 'asked')");
    await expect(ask(call)).rejects.toThrow(message);
  });
});

describe("the other verbs", () => {
  test("cancel, clear, pause and unpause leave what the client's verbs leave", async () => {
    const prepare = async () => {
      await register(db.database, plainDag("d", { a: [], b: ["a"] }));
      await insertRun(db.database, { dagId: "d", runId: "open" });
      const done = await insertRun(db.database, { dagId: "d", runId: "done", state: "failed" });
      await sql(
        db.database,
        "update task_instance set state = 'failed', ended_at = now() where dag_run_id = $1::bigint",
        done,
      );
      return done;
    };
    const look = async () => ({
      events: await events(),
      runs: await sql(
        db.database,
        "select run_id, state, reason, clear_number from dag_run order by run_id",
      ),
      tasks: await sql(
        db.database,
        "select task_id, state, reason, clear_number, max_tries from task_instance order by task_instance_id",
      ),
    });
    await prepare();
    await ask("cancel('d', 'open', 'wrong day')");
    await ask("clear('d', 'done', '{a}', downstream => true, why => 'again')");
    await ask("pause('d', 'holidays')");
    await tick();
    await ask("unpause('d')");
    await ask("pause('d')");
    await tick();
    const asked = await look();
    await sql(db.database, "truncate dag, event, task_instance cascade");
    await prepare();
    await client.cancelRun("d", "open", { why: "wrong day" });
    await client.clearTasks({
      dagId: "d",
      runId: "done",
      taskIds: ["a"],
      downstream: true,
      why: "again",
    });
    await client.pauseDag("d", { why: "holidays" });
    await client.unpauseDag("d");
    await client.pauseDag("d");
    expect(asked).toEqual(await look());
    expect(asked.events.map((event) => event.name)).toEqual([
      "dag_run.cancelled",
      "dag_run.cleared",
      "dag.paused",
      "dag.unpaused",
      "dag.paused",
    ]);
  });

  test("those of one DAG are carried out in order, whoever does it: trigger, cancel, clear", async () => {
    for (let n = 0; n < 10; n++) {
      const runId = await ask("trigger('d', run_id => $1)", `r${n}`);
      await ask("cancel('d', $1)", runId);
      await ask("clear('d', $1)", runId);
    }
    await Promise.all([tick(one), tick(two)]);
    await tick();
    const names = (await events()).map((event) => event.name);
    expect(names.filter((name) => name === "request.refused")).toEqual([]);
    expect(names.filter((name) => name === "dag_run.cancelled")).toHaveLength(10);
    expect(await brokenInvariants(db.database, "under way")).toEqual({});
  });

  test("a pause holds from its commit on: no scheduler starts a run before it is carried out", async () => {
    await insertRun(db.database, { dagId: "d", state: "queued" });
    await ask("pause('d')");
    expect(await one.startRuns()).toBe(0);
    await tick();
    expect(await one.startRuns()).toBe(0);
    await ask("unpause('d')");
    await tick();
    expect(await runs()).toMatchObject([{ state: "running" }]);
  });

  test("an application needs the schema and the functions that it was granted, and no table", async () => {
    const role = `shop_${process.pid}`;
    const shop = await db.database.connect();
    try {
      await shop.query(`create role ${role}`);
      await shop.query(`grant usage on schema tidemill to ${role}`);
      await shop.query(`set role ${role}`);
      await expect(shop.query("select tidemill.trigger('d')")).rejects.toThrow(
        "permission denied for function trigger",
      );
      await shop.query("reset role");
      await shop.query(
        `grant execute on function tidemill.trigger(text, jsonb, text, text, text) to ${role}`,
      );
      await shop.query(`set role ${role}`);
      await shop.query("select tidemill.trigger('d', run_id => 'granted')");
      await expect(shop.query("select from dag")).rejects.toThrow(
        "permission denied for table dag",
      );
      await expect(shop.query("select tidemill.pause('d')")).rejects.toThrow("permission denied");
    } finally {
      await shop.query("reset role");
      await shop.query(`drop owned by ${role}`);
      await shop.query(`drop role ${role}`);
      await shop.end();
    }
    await tick();
    expect(await instanceStates(db.database, "1")).toEqual({ a: "scheduled", b: "none" });
  });
});

test("the functions live in the schema that is configured, and look nowhere else", async () => {
  const url = db.database.url;
  const database = new Database({ url, schema: "other", connections: 2 });
  try {
    await migrate(database);
    await register(database, plainDag("elsewhere"));
    await sql(db.database, "select other.trigger('elsewhere')");
    expect(await sql(database, "select verb, dag_id from request")).toEqual([
      { verb: "trigger", dag_id: "elsewhere" },
    ]);
    await expect(sql(db.database, "select other.trigger('d')")).rejects.toThrow("not known here");
  } finally {
    await database.close();
  }
});
