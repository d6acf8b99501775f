import { readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { runTask, testContext } from "@tidemill/dag-core/testing";
import { marts, shopEvents } from "../../../dags/connections.ts";
import ddsToClickhouse from "../../../dags/shop_events/dds_to_clickhouse.ts";
import generateEventsMinutely from "../../../dags/shop_events/generate_events_minutely.ts";
import initClickhouse from "../../../dags/shop_events/init_clickhouse.ts";
import initDwh from "../../../dags/shop_events/init_dwh.ts";
import kafkaToPostgres from "../../../dags/shop_events/kafka_to_postgres.ts";
import { cleanAndValidate } from "../../../dags/shop_events/lib/clean-and-validate.ts";
import { produceBatch } from "../../../dags/shop_events/lib/generator/produce-batch.ts";
import { martNames, marts as martColumns } from "../../../dags/shop_events/lib/marts.ts";
import { readSql } from "../../../dags/shop_events/lib/sql-file.ts";
import { shopEventsSummary } from "../../../dags/shop_events/lib/summary.ts";
import rawToDds from "../../../dags/shop_events/raw_to_dds_enhanced.ts";
import { targetDatabase, type TargetDatabase } from "../../helpers/target-database.ts";
import { clickHouseAddress, closedPort, kafkaAddress } from "../../helpers/task-systems.ts";
import { runDag } from "../run-dag.ts";

let target: TargetDatabase;
let connections: Record<string, string>;
let firstPassEndedAt: Date;
const env = {};
// Read where providers are opened, in this process.
process.env["PROVIDER_MODE"] = "offline";
const today = "2024-06-10";

const run = (dag: Parameters<typeof runDag>[0], params: Record<string, unknown> = {}) =>
  runDag(dag, { connections, env, params });
const summary = async () => {
  await using ctx = testContext({ connections, env });
  return await shopEventsSummary(await ctx.open(shopEvents), await ctx.open(marts));
};
/** All rows of a mart, in the order of its columns, as text that can be compared. */
const martText = async (): Promise<Record<string, string>> => {
  await using ctx = testContext({ connections, env });
  const clickhouse = await ctx.open(marts);
  const found: Record<string, string> = {};
  for (const mart of martNames) {
    const order = martColumns[mart].join(", ");
    const rows = await clickhouse.query(`select ${order} from data_mart.${mart} order by ${order}`);
    found[mart] = JSON.stringify(rows);
  }
  return found;
};

beforeAll(async () => {
  target = await targetDatabase();
  connections = {
    shop_events: target.uri,
    kafka: await kafkaAddress(),
    clickhouse: await clickHouseAddress(),
  };
  await run(initDwh);
  await run(initClickhouse);
  await run(generateEventsMinutely, { scale: "demo", today });
  await run(kafkaToPostgres);
  await run(rawToDds);
  await run(ddsToClickhouse, { asOf: today });
  firstPassEndedAt = new Date();
});
afterAll(async () => {
  await using ctx = testContext({ connections, env });
  await (await ctx.open(marts)).command("drop database if exists data_mart");
  await target[Symbol.asyncDispose]();
});

const questions = readdirSync("sql/shop_events/questions");

describe("the demo volume, from the topic to the marts", () => {
  test("fills every table, and the totals agree", async () => {
    const { rows, problems, reconciled, headlines } = await summary();
    expect(problems).toEqual([]);
    expect(reconciled).toBe(true);
    expect(Object.entries(rows).filter(([, count]) => count === 0)).toEqual([]);
    expect(Object.keys(rows).filter((table) => table.startsWith("data_mart."))).toHaveLength(10);
    expect(headlines.map(({ label }) => label)).toContain("revenue, USD");
  });

  test("leaves a row in the run log for every load, whose counts add up", async () => {
    const log = await target.query<{ task: string; status: string }>(
      "select task, status from etl.run_log where finished_at <= $1 order by run_log_id",
      [firstPassEndedAt],
    );
    expect(log.every(({ status }) => status === "success")).toBe(true);
    const loads = [...rawToDds.manifest.tasks, ...ddsToClickhouse.manifest.tasks];
    const expected = ["produce_entities_and_events", "consume_and_save_batch"].concat(
      loads.map(({ taskId }) => taskId),
    );
    expect(log.map(({ task }) => task).toSorted()).toEqual(expected.toSorted());
  });

  test("has one row in dq.rejected_rows for each malformed message, from raw or from dds", async () => {
    const expected = new Map<string, number>();
    const add = (reason: string) => expected.set(reason, (expected.get(reason) ?? 0) + 1);
    const audience = { active: new Set<number>(), churned: new Set<number>() };
    const now = new Date(`${today}T00:00:00Z`);
    for await (const { value } of produceBatch({ scale: "demo", pass: 1, now, audience })) {
      const checked = cleanAndValidate(value);
      if (checked.table === undefined) add(checked.reasonCode);
      else if (/"user_id":"guest-/.test(value)) add("user_id_invalid");
      else if (checked.row["session_id"] === null && checked.row["event_type"] === "view_page") {
        add("session_id_missing");
      } else if (Number(checked.row["quantity"]) < 0) add("quantity_not_positive");
    }
    expect(expected.size).toBe(7);
    const found = await target.query<{ reason_code: string; n: number }>(
      "select reason_code, count(*)::int as n from dq.rejected_rows where severity = 'error' and run_id = any (select run_id from etl.run_log where finished_at <= $1) group by 1",
      [firstPassEndedAt],
    );
    expect(new Map(found.map(({ reason_code, n }) => [reason_code, n]))).toEqual(expected);
  });

  test("gives the marts the columns that the loads name, in their order", async () => {
    await using ctx = testContext({ connections, env });
    const found = await (
      await ctx.open(marts)
    ).query<{ table: string; names: string[] }>(
      "select table, groupArray(name) as names from (select table, name from system.columns where database = 'data_mart' order by table, position) group by table",
    );
    expect(Object.fromEntries(found.map(({ table, names }) => [table, names]))).toEqual(
      martColumns,
    );
  });

  test.each(questions)("answers the question %s with rows", async (file) => {
    await using ctx = testContext({ connections, env });
    const clickhouse = await ctx.open(marts);
    const sql = (await readSql(`questions/${file}`)).replace(/;\s*$/, "");
    expect((await clickhouse.query(sql)).length).toBeGreaterThan(0);
  });

  test("loads the marts a second time to the same rows", async () => {
    const before = await martText();
    await run(ddsToClickhouse, { asOf: today });
    expect(await martText()).toEqual(before);
  });

  test("warns of values out of range, and cuts them only when asked to", async () => {
    const largest = async () => {
      await using ctx = testContext({ connections, env });
      const [row] = await (
        await ctx.open(marts)
      ).query<{ n: string }>(
        "select toString(max(total_revenue)) as n from data_mart.daily_business_summary",
      );
      return Number(row?.n);
    };
    expect(await largest()).toBeGreaterThan(10_000);
    const warnings = await target.query<{ n: number }>(
      "select count(*)::int as n from dq.rejected_rows where table_name = 'data_mart.daily_business_summary'",
    );
    expect(warnings[0]?.n).toBeGreaterThan(0);
    await run(ddsToClickhouse, { asOf: today, clipOutliers: true });
    expect(await largest()).toBe(10_000);
    await run(ddsToClickhouse, { asOf: today });
    expect(await largest()).toBeGreaterThan(10_000);
  });

  test("goes on with a second pass: new events, no id twice, totals still agree", async () => {
    const before = await summary();
    await run(generateEventsMinutely, { scale: "demo", today });
    await run(generateEventsMinutely);
    await run(kafkaToPostgres);
    await run(rawToDds);
    await run(ddsToClickhouse, { asOf: today });
    const after = await summary();
    expect(after.problems).toEqual([]);
    expect(after.rows["dds.events"]).toBeGreaterThan((before.rows["dds.events"] ?? 0) + 5_000);
    const [passes] = await target.query<{ n: number; last: number }>(
      "select count(*)::int as n, max(pass) as last from etl.generator_passes",
    );
    expect(passes).toEqual({ n: 2, last: 2 });
  });

  test("has nothing new to wait for once everything is read", async () => {
    await runTask(kafkaToPostgres, "consume_and_save_batch", { connections, env });
    const waited = await runTask(kafkaToPostgres, "wait_for_kafka", { connections, env });
    expect(waited).toMatchObject({ state: "up_for_reschedule", afterMs: 10_000 });
  });
});

test("a broker that is down fails the generator with its address, and leaves a row in the run log", async () => {
  const address = `127.0.0.1:${await closedPort()}`;
  const result = await runTask(generateEventsMinutely, "produce_entities_and_events", {
    connections: { ...connections, kafka: `kafka://${address}` },
    env,
    runId: "broker_down",
  });
  expect(result.state).toBe("up_for_retry");
  expect(result.error?.message).toContain(address);
  const rows = await target.query<{ status: string; error: string }>(
    "select status, error from etl.run_log where run_id = 'broker_down'",
  );
  expect(rows).toEqual([{ status: "failed", error: expect.stringContaining(address) }]);
});
