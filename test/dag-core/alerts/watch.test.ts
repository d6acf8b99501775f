import { describe, expect, test } from "@jest/globals";
import { createClient } from "@tidemill/dag-core/client";
import { AlertWatch } from "../../../packages/dag-core/src/alerts/watch.ts";
import { EventBus } from "../../../packages/dag-core/src/kernel/events.ts";
import { dagText, testEngine } from "../../helpers/engine.ts";

async function setup(options: string, schedules = false) {
  const files = { "d.ts": dagText("d", `task("a", { run: () => 1 });`, options) };
  const given = await testEngine({ files, schedules });
  const client = createClient({ database: given.db.database, actor: "test" });
  const sql = (text: string) =>
    given.db.database.many<Record<string, unknown>>({ name: "", text, parameters: [] });
  const alerts = () =>
    sql(`select kind, dag_id, subject, payload ->> 'reason' as reason,
           (payload ->> 'count')::int as count from alert order by alert_id`);
  let raised = 0;
  const look = (about: { readonly lagMs?: number; readonly lostAfterMs?: number } = {}) =>
    new AlertWatch({
      database: given.db.database,
      bus: new EventBus(),
      onRaised: () => (raised += 1),
      ...about,
    }).look();
  const dispose = () => given[Symbol.asyncDispose]();
  return { given, client, sql, alerts, look, raised: () => raised, [Symbol.asyncDispose]: dispose };
}

describe("a run past its deadline", () => {
  test("gives one alert, and one that has ended none", async () => {
    await using bench = await setup(`schedule: null, alerts: { deadline: "2h" }`);
    const ended = bench.given.engine.events.next("dag_run.succeeded");
    await bench.client.trigger("d", { runId: "done" });
    await ended;
    await bench.client.pauseDag("d");
    await bench.client.trigger("d", { runId: "waits" });
    await bench.look();
    expect(await bench.alerts()).toEqual([]);
    await bench.sql("update dag_run set deadline_at = deadline_at - interval '2 hours'");
    await bench.look();
    await bench.look();
    expect(await bench.alerts()).toMatchObject([{ kind: "dag_run.late", reason: "queued" }]);
    expect(bench.raised()).toBe(1);
  });

  test("has none where the DAG asks for none", async () => {
    await using bench = await setup("schedule: null");
    await bench.client.pauseDag("d");
    await bench.client.trigger("d");
    expect(await bench.sql("select deadline_at from dag_run")).toEqual([{ deadline_at: null }]);
  });
});

test("intervals that the schedule passed over give one alert in the transaction that passes", async () => {
  await using bench = await setup(
    `schedule: "0 * * * *", catchup: "latest", alerts: { onMissed: true }`,
  );
  await bench.sql(
    `update dag set last_interval_start = now() - interval '6 hours',
       last_interval_end = date_trunc('hour', now()) - interval '5 hours', next_run_after = now()`,
  );
  const created = bench.given.engine.events.next("dag_run.created");
  bench.given.engine.startSchedules();
  await created;
  expect(await bench.alerts()).toMatchObject([
    { kind: "dag.interval_missed", dag_id: "d", reason: "missed", count: 4 },
  ]);
});

test("a backfill that has ended gives one alert where the DAG asks for it", async () => {
  await using bench = await setup(`schedule: "@daily", alerts: { onBackfillDone: true }`);
  const range = { dagId: "d", from: "2026-01-01", to: "2026-01-03" };
  const completed = bench.given.engine.events.next("backfill.completed");
  await bench.client.backfill.create(range);
  await completed;
  expect(await bench.alerts()).toMatchObject([
    { kind: "backfill.completed", subject: "1", reason: "success", count: 3 },
  ]);
});

describe("the watch", () => {
  test("tells of a process that is silent, once, and of none when nobody asked", async () => {
    await using bench = await setup("schedule: null");
    await bench.sql(
      `insert into process (kind, host, pid, version, capacity, heartbeat_at)
       values ('scheduler', 'elsewhere', 1, '0', 1, now() - interval '1 minute')`,
    );
    await bench.look();
    expect(await bench.alerts()).toEqual([]);
    await bench.look({ lostAfterMs: 15_000 });
    await bench.look({ lostAfterMs: 15_000 });
    expect(await bench.alerts()).toMatchObject([{ kind: "process.lost", reason: "scheduler" }]);
  });

  test("tells once an hour that scheduling is late", async () => {
    await using bench = await setup(`schedule: "@daily"`);
    await bench.look({ lagMs: 60_000 });
    expect(await bench.alerts()).toEqual([]);
    await bench.sql("update dag set next_run_after = now() - interval '10 minutes'");
    await bench.look({ lagMs: 60_000 });
    await bench.look({ lagMs: 60_000 });
    expect(await bench.alerts()).toMatchObject([{ kind: "scheduler.lagging" }]);
  });
});
