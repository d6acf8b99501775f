import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { asset, dag } from "@tidemill/dag-core";
import { type Client, createClient } from "@tidemill/dag-core/client";
import { createEngine, type Engine } from "@tidemill/dag-core/engine";
import { z } from "zod";
import { testDatabase, type TestDatabase } from "../../helpers/database.ts";
import { engineConfig } from "../../helpers/engine.ts";
import { sql } from "../../helpers/factory.ts";
import { brokenInvariants } from "../../helpers/invariants.ts";

const options = { schedule: null, startDate: "2026-01-01" } as const;
/** Over for long: no run of these days but those that a test asks for. */
const daily = { ...options, schedule: "@daily", endDate: "2026-03-01", catchup: "none" } as const;
let db: TestDatabase;
let client: Client;
let engine: Engine;
const seen: unknown[] = [];

const approval = dag("approval", options, ({ waitForEvent, task }) => {
  const approved = waitForEvent("approved", {
    event: ({ runId }) => `orders.approved.${runId}`,
    output: z.object({ by: z.string() }),
  });
  task("ship", { inputs: { approved }, run: ({ inputs }) => void seen.push(inputs.approved.by) });
});
const sender = dag("sender", options, ({ task }) => {
  task("tell", {
    run: (ctx) => ctx.sendEvent("orders.approved.late", { payload: { by: "task" } }),
  });
});
const marts = dag(
  "marts",
  { ...daily, params: z.object({ full: z.boolean().default(false) }) },
  ({ task }) => {
    task("build", {
      run: ({ params, dataInterval }) => void seen.push([params, dataInterval.start]),
    });
  },
);
const raw = dag("raw", daily, ({ triggerDag, task }) => {
  const marted = triggerDag("marts", {
    dag: "marts",
    interval: "same",
    params: { full: true },
    wait: true,
  });
  task("report", { inputs: { marted }, run: ({ inputs }) => void seen.push(inputs.marted.state) });
});
const behind = dag("behind", daily, ({ waitForRun }) => {
  waitForRun("raw", { dag: "raw", timeout: "1h" });
});
const orders = asset("raw.orders");
const producer = dag("producer", daily, ({ task }) => {
  task("load", { outlets: [orders], run: () => undefined });
});
const consumer = dag("consumer", { ...options, schedule: { assets: [orders] } }, ({ task }) => {
  task("read", {
    run: ({ assetEvents, runType, dataInterval }) =>
      void seen.push(runType, dataInterval, ...assetEvents),
  });
});

beforeEach(async () => {
  db = await testDatabase();
  client = createClient({ databaseUrl: db.url, actor: "test" });
  engine = createEngine({
    config: engineConfig(db.url, "dags"),
    role: "scheduler",
    dags: [approval, sender, marts, raw, behind, producer, consumer],
  });
  await engine.start();
  seen.length = 0;
});
afterEach(async () => {
  await client.close();
  await engine.stop();
  await db.drop();
});

const deferred = (dagId: string) => engine.events.next("task_instance.rescheduled", { dagId });

describe("in a whole engine", () => {
  test("a task waits for an event without a slot, and what follows reads the payload", async () => {
    const waits = deferred("approval");
    await client.trigger("approval", { runId: "one" });
    await waits;
    const ended = engine.events.next("dag_run.succeeded", { dagId: "approval" });
    await client.sendEvent("orders.approved.one", { payload: { by: "anna" } });
    await ended;
    expect(seen).toEqual(["anna"]);
    expect(await brokenInvariants(db.database)).toEqual({});
  });

  test("an event that a task sends before anybody waits is not lost", async () => {
    const made = await client.trigger("approval", { runId: "late" });
    expect(made.runId).toBe("late");
    const ended = engine.events.next("dag_run.succeeded", { dagId: "approval" });
    await client.trigger("sender");
    await ended;
    expect(seen).toEqual(["task"]);
  });

  test("a run made by a task is waited for, and a third DAG waits for the first", async () => {
    const waits = deferred("behind");
    await client.trigger("behind", { interval: "2026-02-03" });
    await waits;
    const ended = engine.events.next("dag_run.succeeded", { dagId: "behind" });
    await client.trigger("raw", { interval: "2026-02-03" });
    await ended;
    expect(seen).toEqual([[{ full: true }, new Date("2026-02-03T00:00:00Z")], "success"]);
    const rows = await sql<{ run_id: string; triggered_by: string }>(
      db.database,
      "select run_id, triggered_by from dag_run where dag_id = 'marts'",
    );
    expect(rows).toMatchObject([{ triggered_by: expect.stringMatching(/^task:raw\/.*\/marts$/) }]);
    expect(await brokenInvariants(db.database)).toEqual({});
  });

  test("a DAG that is scheduled by an asset runs after the task that updates it, and reads why", async () => {
    const ended = engine.events.next("dag_run.succeeded", { dagId: "consumer" });
    await client.trigger("producer", { runId: "p", interval: "2026-02-03" });
    await ended;
    const dataInterval = {
      start: new Date("2026-02-03T00:00:00Z"),
      end: new Date("2026-02-04T00:00:00Z"),
    };
    const producedBy = { dagId: "producer", runId: "p", taskId: "load", dataInterval };
    const event = {
      asset: "raw.orders",
      at: expect.any(Date),
      payload: null,
      producer: producedBy,
    };
    expect(seen).toEqual(["asset_triggered", dataInterval, event]);
    expect(await brokenInvariants(db.database)).toEqual({});
  });
});
