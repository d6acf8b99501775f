import { describe, expect, test } from "@jest/globals";
import { runTask } from "@tidemill/dag-core/testing";
import ddsToClickhouse from "../../../dags/shop_events/dds_to_clickhouse.ts";
import generateEventsMinutely from "../../../dags/shop_events/generate_events_minutely.ts";
import initClickhouse from "../../../dags/shop_events/init_clickhouse.ts";
import initDwh from "../../../dags/shop_events/init_dwh.ts";
import kafkaToPostgres from "../../../dags/shop_events/kafka_to_postgres.ts";
import rawToDds from "../../../dags/shop_events/raw_to_dds_enhanced.ts";
import { targetDatabase } from "../../helpers/target-database.ts";

const minuteMs = 60_000;
const cron = (text: string) => expect.objectContaining({ kind: "cron", crons: [text] });
const edges = (dag: typeof initDwh): Record<string, readonly string[]> =>
  Object.fromEntries(dag.manifest.tasks.map(({ taskId, upstream }) => [taskId, upstream]));

describe.each([
  ["init_dwh", initDwh, { kind: "once" }, 0, 0],
  ["init_clickhouse", initClickhouse, { kind: "once" }, 0, 0],
  ["generate_events_minutely", generateEventsMinutely, cron("* * * * *"), 1, minuteMs],
  ["kafka_to_postgres", kafkaToPostgres, cron("*/30 * * * *"), 2, 5 * minuteMs],
  ["raw_to_dds_enhanced", rawToDds, cron("0 * * * *"), 2, 5 * minuteMs],
  ["dds_to_clickhouse", ddsToClickhouse, cron("0 0 * * *"), 1, 5 * minuteMs],
])("%s", (dagId, dag, schedule, retries, retryDelayMs) => {
  test("has its id, its schedule, its retries and one active run", () => {
    expect(dag.dagId).toBe(dagId);
    expect(dag.manifest.schedule).toEqual(schedule);
    expect(dag.manifest.maxActiveRuns).toBe(1);
    expect(dag.manifest.description).toMatch(/\.$/);
    for (const task of dag.manifest.tasks) {
      expect(task).toMatchObject(retries === 0 ? { retries } : { retries, retryDelayMs });
      expect(task.timeoutMs ?? task.pokeTimeoutMs).toBeGreaterThan(0);
    }
  });

  test("alerts of success only from the marts", () => {
    expect(dag.manifest.alerts).toMatchObject({
      onFailure: true,
      onSuccess: dagId === "dds_to_clickhouse",
    });
  });
});

test("raw_to_dds_enhanced loads what refers to something after it", () => {
  expect(edges(rawToDds)).toEqual({
    upsert_users: [],
    load_user_devices: ["upsert_users"],
    load_user_locations: ["upsert_users"],
    load_products: [],
    load_events: ["upsert_users"],
    load_sessions: ["load_events"],
    load_orders: ["upsert_users", "load_products", "load_events"],
    update_order_statuses: ["load_orders"],
    load_order_items: ["load_products", "load_orders"],
    load_campaigns: ["upsert_users"],
    load_campaign_events: ["upsert_users", "load_campaigns"],
  });
});

test("dds_to_clickhouse loads the ten marts in series", () => {
  const marts =
    "daily_business_summary product_performance category_performance user_engagement active_users_7d session_analytics campaign_performance geo_analysis device_analysis weather_visits";
  const tasks = marts.split(" ").map((mart) => `load_${mart}`);
  expect(edges(ddsToClickhouse)).toEqual(
    Object.fromEntries(tasks.map((task, i) => [task, tasks.slice(Math.max(0, i - 1), i)])),
  );
});

test("kafka_to_postgres waits ten seconds at a time, five minutes at most", () => {
  expect(kafkaToPostgres.manifest.tasks[0]).toMatchObject({
    taskId: "wait_for_kafka",
    kind: "sensor",
    pokeEveryMs: 10_000,
    pokeTimeoutMs: 5 * minuteMs,
  });
  expect(edges(kafkaToPostgres)["consume_and_save_batch"]).toEqual(["wait_for_kafka"]);
});

test("before init_dwh a scheduled run skips its loads, and one that was asked for fails at once", async () => {
  await using target = await targetDatabase();
  const connections = { shop_events: target.uri };
  const run = (runType: "scheduled" | "manual") =>
    runTask(rawToDds, "upsert_users", { connections, runType });
  expect(await run("scheduled")).toMatchObject({
    state: "skipped",
    message: expect.stringContaining("tidemill trigger init_dwh"),
  });
  expect(await run("manual")).toMatchObject({
    state: "failed",
    error: { message: expect.stringContaining("tidemill trigger init_dwh") },
  });
});
