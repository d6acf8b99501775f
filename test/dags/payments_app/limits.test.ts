import { resolve } from "node:path";
import { expect, test } from "@jest/globals";
import { createClient } from "@tidemill/dag-core/client";
import { createEngine, EventBus } from "@tidemill/dag-core/engine";
import pg from "pg";
import daily from "../../../dags/payments_app/payments_dwh_daily.ts";
import weekly from "../../../dags/payments_app/payments_ad_report_weekly.ts";
import { testDatabase } from "../../helpers/database.ts";
import { engineConfig } from "../../helpers/engine.ts";
import { warehouse } from "./warehouse.ts";

test("Never more than 3 extracts at once; one query at a time per database", async () => {
  await using app = await warehouse();
  const db = await testDatabase();
  process.env["TIDEMILL_CONN_PAYMENTS_APP"] = app.uri;
  const events = new EventBus();
  const engine = createEngine({
    config: engineConfig(db.url, resolve("dags")),
    role: "scheduler",
    events,
    schedules: false,
  });
  const client = createClient({ databaseUrl: db.url, actor: "test" });
  const holder = new pg.Client({ connectionString: app.uri });
  await holder.connect();
  try {
    const started: string[] = [];
    const three = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    events.on("task_instance.started", ({ taskId }) => {
      if (taskId.startsWith("extract_")) started.push(taskId);
      if (started.length === 3) three.resolve();
    });
    events.on("task_instance.failed", ({ taskId, error }) =>
      ended.reject(new Error(`${taskId}: ${error}`)),
    );
    events.on("task_instance.succeeded", ({ taskId }) => {
      if (taskId === "cleanup") return;
      if (taskId === "validate") ended.resolve();
    });
    await engine.start();
    // Every extract ends by writing here, so that none ends before the lock does.
    await holder.query("begin; lock table etl.extract_log in exclusive mode");
    await client.trigger("payments_dwh_daily", { params: { batchDt: "2024-03-03" } });
    await three.promise;
    const ticks = Promise.withResolvers<void>();
    let seen = 0;
    events.on("scheduler.tick_finished", () => {
      seen += 1;
      if (seen === 3) ticks.resolve();
    });
    await ticks.promise;
    expect(started).toHaveLength(3);
    await holder.query("commit");
    await ended.promise;
    expect(started).toHaveLength(5);
  } finally {
    await holder.end();
    await client.close();
    await engine.stop();
    await db.drop();
    delete process.env["TIDEMILL_CONN_PAYMENTS_APP"];
  }
  const overlapping = await app.query(
    `select 1 from etl.extract_log a join etl.extract_log b
       on a.source = b.source and a.extract_log_id < b.extract_log_id
      where a.finished_at > b.started_at and b.finished_at > a.started_at`,
  );
  expect(overlapping).toEqual([]);
});

test("Daily at 00:30 of Minsk, weekly on Monday at 02:00; the previous day is loaded", () => {
  expect(daily.manifest).toMatchObject({
    dagId: "payments_dwh_daily",
    timezone: "Europe/Minsk",
    maxActiveRuns: 1,
  });
  expect(JSON.stringify(daily.manifest.schedule)).toContain("30 0 * * *");
  expect(JSON.stringify(weekly.manifest.schedule)).toContain("0 2 * * 1");
  expect(weekly.manifest.timezone).toBe("Europe/Minsk");
  const byId = new Map(daily.manifest.tasks.map((task) => [task.taskId, task]));
  expect(byId.get("validate")?.retries).toBe(0);
  expect(byId.get("bi_facts")?.retries).toBe(2);
});
