import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startStack, type Stack } from "@tidemill/local";
import { clickhouse } from "@tidemill/tasks/clickhouse";
import { postgres } from "@tidemill/tasks/postgres";
import pg from "pg";
import { shopEventsSummary } from "../../../dags/shop_events/lib/summary.ts";
import { type Daemon, type Environment, startDaemon, tidemill } from "../../helpers/cli.ts";
import { stackDirectory } from "../../helpers/stack-directory.ts";

const never = new AbortController().signal;

/** The pipeline as an operator runs it: a daemon, and commands from another terminal. */
describe("the daemon and its systems", () => {
  const directory = stackDirectory();
  let stack: Stack;
  let env: Environment;
  let daemon: Daemon;
  let db: pg.Client;

  const connect = async () => {
    db = new pg.Client(stack.addresses.databaseUrl);
    db.on("error", () => {});
    await db.connect();
  };
  const trigger = (dagId: string, ...args: string[]) =>
    tidemill(["trigger", dagId, "--wait", "--output", "json", ...args], env);
  const succeeds = async (dagId: string, ...args: string[]) => {
    const { code, stderr } = await trigger(dagId, ...args);
    expect({ dagId, code, stderr: code === 0 ? "" : stderr }).toEqual({
      dagId,
      code: 0,
      stderr: "",
    });
  };
  const failures = async () => {
    const { rows } = await db.query(
      "select count(*)::integer as n from tidemill.alert where kind in ('task_instance.failed', 'dag_run.failed')",
    );
    return rows[0].n as number;
  };
  const summary = async () => {
    const { connections } = stack.addresses;
    await using warehouse = await postgres("shop_events").open(
      connections["shop_events"] ?? "",
      never,
    );
    await using marts = await clickhouse("clickhouse").open(connections["clickhouse"] ?? "", never);
    return await shopEventsSummary(warehouse, marts);
  };
  /** Starts a run whose first try meets a system that is away; answers with the run and what the try said. */
  const meetsOutage = async (dagId: string, taskId: string) => {
    const { stdout } = await tidemill(["trigger", dagId, "--output", "json"], env);
    const { runId } = JSON.parse(stdout) as { runId: string };
    const line = await daemon.logged(
      (one) =>
        one.event === "task_instance.retry_scheduled" &&
        one["runId"] === runId &&
        one["taskId"] === taskId,
    );
    return { runId, error: String(line["error"]) };
  };
  /** Brings the next try forward and waits for the end of the run. */
  const retryNow = async (dagId: string, runId: string) => {
    await db.query(
      `with woken as (
         update tidemill.task_instance set wake_at = now() where wake_at is not null returning dag_run_id)
       update tidemill.dag_run set changed = changed + 1, needs_decision = true
       where dag_run_id in (select dag_run_id from woken)`,
    );
    return tidemill(["runs", "watch", dagId, runId, "--output", "json"], env);
  };

  beforeAll(async () => {
    const ports = { postgres: 0, clickhouse: 0, kafka: 0 };
    stack = await startStack({ directory, databases: ["shop_events"], ports });
    const { databaseUrl, connections } = stack.addresses;
    env = {
      TIDEMILL_DATABASE_URL: databaseUrl,
      TIDEMILL_CONN_SHOP_EVENTS: connections["shop_events"] ?? "",
      TIDEMILL_CONN_KAFKA: connections["kafka"] ?? "",
      TIDEMILL_CONN_CLICKHOUSE: connections["clickhouse"] ?? "",
      TIDEMILL_LEASE: "3s",
      TIDEMILL_HEARTBEAT: "1s",
      TIDEMILL_TICK: "200ms",
      PROVIDER_MODE: "offline",
    };
    daemon = await startDaemon(env, ["--no-schedules"]);
    await connect();
  });

  afterAll(async () => {
    await daemon.stop();
    await db.end();
    await stack.stop();
  });

  test("a run is triggered and waited for from another terminal", async () => {
    await succeeds("init_dwh");
    await succeeds("init_clickhouse");
    await succeeds("generate_events_minutely", "--params", '{"scale":"demo"}');
    await succeeds("kafka_to_postgres");
    const { rows } = await db.query("select distinct state from tidemill.dag_run");
    expect(rows).toEqual([{ state: "success" }]);
  });

  test("kill -9 of the scheduler in raw_to_dds_enhanced: another completes the run, no duplicate and no gap", async () => {
    const { stdout } = await tidemill(["trigger", "raw_to_dds_enhanced", "--output", "json"], env);
    const { runId } = JSON.parse(stdout) as { runId: string };
    await daemon.logged(
      (line) => line.event === "task_instance.started" && line["taskId"] === "load_events",
    );
    await daemon.kill();
    daemon = await startDaemon(env, ["--no-schedules"]);
    const watched = await tidemill(["runs", "watch", "raw_to_dds_enhanced", runId], env);
    expect(watched.code).toBe(0);
    const recovered = await summary();

    const source = new pg.Client(stack.addresses.connections["shop_events"]);
    await source.connect();
    const duplicates = await source.query(
      "select user_id, event_type, timestamp from dds.events group by 1, 2, 3 having count(*) > 1",
    );
    expect(duplicates.rows).toEqual([]);
    const { rows: tables } = await source.query(
      "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'dds'",
    );
    // What an undisturbed run makes of the same raw rows.
    await source.query(`truncate ${tables.map((table) => table.name).join(", ")} cascade`);
    await source.query(
      "delete from etl.watermarks; delete from dq.rejected_rows where table_name <> 'raw'",
    );
    await source.end();
    await succeeds("raw_to_dds_enhanced");
    const undisturbed = await summary();
    const dds = ({ rows }: typeof recovered) =>
      Object.entries(rows).filter(([table]) => table.startsWith("dds."));
    expect(Object.fromEntries(dds(recovered))).toEqual(Object.fromEntries(dds(undisturbed)));
    expect(await failures()).toBe(0);
  });

  test("ClickHouse down: the try names it and the remedy, and the run recovers when it is back", async () => {
    await stack.stopService("clickhouse");
    const { runId, error } = await meetsOutage("dds_to_clickhouse", "load_daily_business_summary");
    expect(error).toMatch(/ClickHouse at 127\.0\.0\.1:\d+.*;/);
    await stack.startService("clickhouse");
    expect(stack.addresses.connections["clickhouse"]).toBe(env["TIDEMILL_CONN_CLICKHOUSE"]);
    expect((await retryNow("dds_to_clickhouse", runId)).code).toBe(0);
    const { reconciled, problems } = await summary();
    expect({ reconciled, problems }).toEqual({ reconciled: true, problems: [] });
    expect(await failures()).toBe(0);
  });

  test("Kafka down: the try names it and the remedy, and the run recovers when it is back", async () => {
    await succeeds("generate_events_minutely");
    await stack.stopService("kafka");
    const { runId, error } = await meetsOutage("kafka_to_postgres", "wait_for_kafka");
    expect(error).toMatch(/Kafka at 127\.0\.0\.1:\d+.*;/);
    await stack.startService("kafka");
    expect((await retryNow("kafka_to_postgres", runId)).code).toBe(0);
    expect(await failures()).toBe(0);
  });

  test("Postgres down: the daemon lives on and goes to work when it is back", async () => {
    await db.end();
    await stack.stopService("postgres");
    await daemon.logged((line) => line.event === "database.lost");
    const away = await tidemill(["runs", "list"], env);
    expect(away.code).toBe(3);
    expect(away.stderr).toContain("TIDEMILL_DATABASE_URL");
    await stack.startService("postgres");
    await daemon.logged((line) => line.event === "database.recovered");
    await connect();
    await succeeds("generate_events_minutely");
    await succeeds("kafka_to_postgres");
    expect(await failures()).toBe(0);
  });
});
