import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { testContext } from "@tidemill/dag-core/testing";
import { marts, paymentsApp } from "../../../dags/connections.ts";
import { conclusionsOf } from "../../../dags/payments_app/lib/conclusions.ts";
import { copies, martNames, marts as martColumns } from "../../../dags/payments_app/lib/marts.ts";
import { sql } from "../../../dags/payments_app/lib/sql.ts";
import { paymentsSummary } from "../../../dags/payments_app/lib/summary.ts";
import adReport from "../../../dags/payments_app/payments_ad_report_weekly.ts";
import daily from "../../../dags/payments_app/payments_dwh_daily.ts";
import generate from "../../../dags/payments_app/payments_generate_sources.ts";
import init from "../../../dags/payments_app/payments_init.ts";
import { clickHouseAddress } from "../../helpers/task-systems.ts";
import { goldenCase } from "./golden-case.ts";
import { type Row, type Warehouse, warehouse } from "./warehouse.ts";

describe("the golden case", () => {
  goldenCase();
});

describe("a small volume", () => {
  let app: Warehouse;
  const today = "2024-06-29";
  const pass = (number: number) => ({ scale: "small", pass: number, today });

  beforeAll(async () => {
    app = await warehouse(await clickHouseAddress());
    await app.runWell(init);
    await app.runWell(generate, pass(1));
    await app.runWell(daily, { since: "2024-05-20", batchDt: "2024-06-27" });
    await app.runWell(adReport);
    await app.runWell(generate, pass(2));
    await app.runWell(daily, { batchDt: "2024-06-28" });
  });
  afterAll(async () => {
    await using ctx = testContext({ connections: app.connections });
    await (await ctx.open(marts)).command("drop database if exists payments_mart");
    await app[Symbol.asyncDispose]();
  });

  const clickhouse = async <T = Row>(text: string): Promise<T[]> => {
    await using ctx = testContext({ connections: app.connections });
    return await (await ctx.open(marts)).query<T>(text);
  };
  const summary = async () => {
    await using ctx = testContext({ connections: app.connections });
    return await paymentsSummary(await ctx.open(paymentsApp), await ctx.open(marts));
  };

  /** Tables of the warehouse, each with the columns that say when or in which run, and those that are drawn anew. */
  const stored: Readonly<Record<string, readonly string[]>> = {
    "dimention.dim_client": [],
    "dimention.dim_merchant": [],
    "dimention.dim_product": [],
    "dimention.dim_payment_method": [],
    "dimention.dim_tariff": [],
    "dimention.dim_channel": [],
    "dimention.dim_address": ["geocoded_at"],
    "dimention.currency_rate": [],
    "bi.fct_payment": [],
    "bi.fct_event": [],
    "bi.fct_session": [],
    "bi.fct_ad_spend": [],
    "bi.fct_contract": [],
    "bi.fct_deal": [],
    "bi.fct_partner_sale": [],
    "bi.fct_server_log": [],
    "bi.document": [],
    "dq.rejected_rows": ["rejected_row_id", "run_id", "rejected_at", "payload"],
  };

  async function checksums(): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    for (const [table, technical] of Object.entries(stored)) {
      const [row] = await app.query<{ sum: string }>(
        `select md5(coalesce(string_agg(line, E'\\n' order by line), '')) as sum
       from (select (to_jsonb(t) - $1::text[])::text as line from ${table} t) as lines`,
        [technical],
      );
      found[table] = row?.sum ?? "";
    }
    for (const [table, columns] of Object.entries({ ...copies, ...martColumns })) {
      const names = columns.join(", ");
      const rows = await clickhouse(
        `select ${names} from payments_mart.${table} order by ${names}`,
      );
      found[`payments_mart.${table}`] = createHash("md5")
        .update(JSON.stringify(rows))
        .digest("hex");
    }
    return found;
  }

  describe("the volume, from the sources to the marts", () => {
    test("GPV and counts agree: source minus rejects = bi = payments_mart", async () => {
      const { problems, reconciled, rows } = await summary();
      expect(problems).toEqual([]);
      expect(reconciled).toBe(true);
      expect(Object.entries(rows).filter(([, count]) => count === 0)).toEqual([]);
      expect(Object.keys(rows).filter((name) => name.startsWith("payments_mart."))).toHaveLength(
        10,
      );
    });

    test("No network, no keys: green; source is never live", async () => {
      expect(
        await app.query(
          `select source, count(*) > 0 as any from (
           select source from dimention.dim_address union all select source from dimention.currency_rate
         ) as values group by source`,
        ),
      ).toEqual([{ source: "synthetic", any: true }]);
    });

    test("a second run changes nothing but technical timestamps", async () => {
      const first = await checksums();
      await app.runWell(generate, pass(1));
      await app.runWell(daily, { since: "2024-05-20", batchDt: "2024-06-27" });
      await app.runWell(adReport);
      await app.runWell(generate, pass(2));
      await app.runWell(daily, { batchDt: "2024-06-28" });
      expect(await checksums()).toEqual(first);
    });

    test("Five steps, stored procedures, ClickHouse scripts", async () => {
      const log = await app.query<{ task: string }>(
        "select task from etl.run_log where business_dt = '2024-06-28' and status = 'success' order by run_log_id",
      );
      const tasks = log.map(({ task }) => task);
      expect(tasks.slice(0, 13)).toEqual([
        "cleanup",
        "extract_mysql",
        "extract_pg",
        "extract_oracle",
        "extract_files",
        "extract_nbrb",
        "validate",
        "geocode_new",
        "transform",
        "bi_facts",
        "ch_load_1",
        "ch_load_2",
        "ch_load_3",
      ]);
      const procedures = await app.query<{ name: string }>(
        `select proname as name from pg_proc p join pg_namespace n on n.oid = p.pronamespace
       where n.nspname = 'etl' and prokind = 'p' and proname in
         ('p01_cleanup', 'p03_validate', 'p04_transform', 'p05_bi') order by 1`,
      );
      expect(procedures).toHaveLength(4);
    });

    test("Events and payments joined per user: one path from first launch to repeated payment", async () => {
      const path = await clickhouse<{ step: string }>(await sql.read("questions/user_path.sql"));
      expect(path.some(({ step }) => step === "payment")).toBe(true);
      expect(path.some(({ step }) => step !== "payment")).toBe(true);
    });

    test("a client that moved has two versions, and payments keep the version of their day", async () => {
      const versions = await app.query(
        `select valid_from, valid_to, is_current, name from dimention.dim_client
       where client_type = 'person' and src_id = 7 order by valid_from`,
      );
      expect(versions.map((row) => [row["valid_from"], row["is_current"]])).toEqual([
        [new Date("1900-01-01T00:00:00"), false],
        [new Date("2024-06-28T00:00:00"), true],
      ]);
      const [row] = await app.query<{ n: string }>(
        `select count(*) as n from bi.fct_payment p join dimention.dim_client c using (client_sk)
       where p.batch_dt < c.valid_from or p.batch_dt >= c.valid_to`,
      );
      expect(row?.n).toBe("0");
    });

    test("a status that changed after its day is the later one", async () => {
      const changed = await app.query<{ stored: string; said: string }>(
        `select p.status as stored, h.status as said from src_payments.operation_history h
       join bi.fct_payment p using (transaction_id)`,
      );
      expect(changed.length).toBeGreaterThan(5);
      expect(changed.filter(({ stored, said }) => stored !== said)).toEqual([]);
    });

    test("payments of 23:30 and 00:10 are of their day in Minsk", async () => {
      const rows = await app.query<{ at: string; n: string }>(
        `select to_char(ts at time zone 'Europe/Minsk', 'HH24:MI') as at, count(*) as n from bi.fct_payment
       where batch_dt = (ts at time zone 'Europe/Minsk')::date
         and to_char(ts at time zone 'Europe/Minsk', 'HH24:MI') in ('00:10', '23:30') group by 1 order by 1`,
      );
      expect(rows.map(({ at }) => at)).toEqual(["00:10", "23:30"]);
    });

    test("equal ids of a person, a legal client and a company are three different ones", async () => {
      const rows = await app.query(
        "select client_type from dimention.dim_client where src_id = 1 and is_current order by 1",
      );
      expect(rows).toEqual([{ client_type: "legal" }, { client_type: "person" }]);
    });

    test("one address in two spellings is looked up once", async () => {
      const rows = await app.query(
        "select region, city from dimention.dim_address where address_hash = etl.address_hash(' minsk  LENINA str. 5 ')",
      );
      expect(rows).toEqual([{ region: "Minsk", city: "Minsk" }]);
    });

    test("the extraction tells its modes: window, full, compare", async () => {
      const rows = await app.query<{ table_name: string; unchanged: string }>(
        `select table_name, rows_filtered as unchanged from etl.load_count
       where batch_dt = '2024-06-28' and table_name in ('app_user', 'legal_client') order by 1`,
      );
      expect(rows).toEqual([
        { table_name: "app_user", unchanged: "60" },
        { table_name: "legal_client", unchanged: "12" },
      ]);
    });
  });

  describe("the questions of the five dashboards", () => {
    const files = readdirSync("sql/payments_app/questions", { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".sql"))
      .sort();

    test.each(files)("%s has rows", async (file) => {
      expect((await clickhouse(await sql.read(join("questions", file)))).length).toBeGreaterThan(0);
    });

    test("there are the thirty of the specification", () => {
      expect(files.filter((file) => file.includes("/")).length).toBeGreaterThanOrEqual(30);
    });

    test("at least five conclusions carry numbers; other data makes other numbers", async () => {
      await using ctx = testContext({ connections: app.connections });
      const hook = await ctx.open(marts);
      const before = await conclusionsOf(hook);
      expect(before.filter((line) => /\d/.test(line)).length).toBeGreaterThanOrEqual(5);
      await hook.command("truncate table payments_mart.merchant_daily");
      expect(await conclusionsOf(hook)).not.toEqual(before);
    });
  });

  test("every mart is listed with the columns of its table", async () => {
    for (const mart of martNames) {
      const rows = await clickhouse<{ name: string }>(
        `select name from system.columns where database = 'payments_mart' and table = '${mart}' order by position`,
      );
      expect([mart, rows.map(({ name }) => name)]).toEqual([mart, [...martColumns[mart]]]);
    }
  });
});
