import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { testContext } from "@tidemill/dag-core/testing";
import { marts } from "../../../dags/connections.ts";
import { initMarts } from "../../../dags/payments_app/lib/init.ts";
import daily from "../../../dags/payments_app/payments_dwh_daily.ts";
import { clickHouseAddress } from "../../helpers/task-systems.ts";
import { goldenSource } from "./golden-source.ts";
import { type Row, type Warehouse, warehouse } from "./warehouse.ts";

/** Not a file of its own: the marts have one name in ClickHouse, and files run side by side. */
export function goldenCase(): void {
  let app: Warehouse;

  beforeAll(async () => {
    app = await warehouse(await clickHouseAddress());
    await using ctx = testContext({ connections: app.connections });
    await initMarts(ctx);
    // The tables of the cache of answers are made by the first run.
    await app.runWell(daily, { batchDt: "2024-02-25" }, ["ch_", "validate", "sense", "load_docx"]);
    await goldenSource(app);
    await app.runWell(daily, { batchDt: "2024-04-30", since: "2024-03-01" });
  });
  afterAll(async () => {
    await using ctx = testContext({ connections: app.connections });
    await (await ctx.open(marts)).command("drop database if exists payments_mart");
    await app[Symbol.asyncDispose]();
  });

  const clickhouse = async (sql: string): Promise<Row[]> => {
    await using ctx = testContext({ connections: app.connections });
    return await (await ctx.open(marts)).query(sql);
  };

  describe("The golden mini-case holds in PostgreSQL", () => {
    test("amounts in BYN, by scale and rounded per row", async () => {
      const rows = await app.query(
        "select transaction_id, amount_byn from bi.fct_payment order by transaction_id",
      );
      expect(rows.map(({ amount_byn: amount }) => amount as string)).toEqual([
        "100.00",
        "160.00",
        "35.00",
        "10.00",
      ]);
    });

    test("GPV, revenue, take rate, payers, average check; MAU, ARPU and ARPPU of 30 days", async () => {
      const [march] = await app.query("select * from bi.period_kpi('2024-03-02', '2024-03-31')");
      expect(march).toEqual({
        gpv: "295.00",
        revenue: "5.40",
        take_rate: "0.0183",
        payments: "3",
        payers: "2",
        avg_check: "98.33",
        failed_rate: "0.2500",
        active_users: "3",
        arpu: "1.80",
        arppu: "2.70",
      });
    });

    test("LTV of u1 and u3", async () => {
      const rows = await app.query("select client_id, ltv from bi.v_client_ltv order by client_id");
      expect(rows.map(({ ltv }) => ltv as string)).toEqual(["4.70", "0", "0.70"]);
    });

    test("CAC, paying CAC and ROMI by channel", async () => {
      const rows = await app.query(
        "select channel, cac, paying_cac, romi from bi.v_channel_roi where month = '2024-03-01' order by channel",
      );
      expect(rows).toEqual([
        { channel: "A", cac: "10.00", paying_cac: "20.00", romi: "-0.765" },
        { channel: "B", cac: "10.00", paying_cac: "10.00", romi: "-0.930" },
      ]);
    });

    test("the funnel, and the churn of April", async () => {
      expect(await app.query("select step, users from bi.v_funnel")).toEqual([
        { step: "registration", users: "3" },
        { step: "payment", users: "2" },
        { step: "repeat_payment", users: "1" },
      ]);
      expect(await app.query("select churn from bi.v_churn where month = '2024-04-01'")).toEqual([
        { churn: "0.6667" },
      ]);
    });
  });

  describe("The golden mini-case holds in ClickHouse", () => {
    test("daily_kpi on 31 March, and its sums over March", async () => {
      const [day] = await clickhouse(
        "select mau, arpu, arppu, new_users from payments_mart.daily_kpi where date = '2024-03-31'",
      );
      expect(day).toEqual({ mau: "3", arpu: "1.80", arppu: "2.70", new_users: "0" });
      const [month] = await clickhouse(
        `select sum(gpv) as gpv, sum(revenue) as revenue, sum(payments) as payments, sum(new_users) as new_users
       from payments_mart.daily_kpi where toStartOfMonth(date) = '2024-03-01'`,
      );
      expect(month).toEqual({ gpv: "295.00", revenue: "5.40", payments: "3", new_users: "3" });
      const [failed] = await clickhouse(
        "select dau, wau, failed_rate, take_rate from payments_mart.daily_kpi where date = '2024-03-06'",
      );
      expect(failed).toEqual({ dau: "1", wau: "2", failed_rate: "1.0000", take_rate: "0.0000" });
    });

    test("client_ltv", async () => {
      expect(
        await clickhouse(
          "select client_id, ltv, payments, state from payments_mart.client_ltv order by client_id",
        ),
      ).toEqual([
        { client_id: "1", ltv: "4.70", payments: "2", state: "active" },
        { client_id: "2", ltv: "0.00", payments: "0", state: "dormant" },
        { client_id: "3", ltv: "0.70", payments: "1", state: "dormant" },
      ]);
    });

    test("channel_roi", async () => {
      expect(
        await clickhouse(
          "select channel, cac, paying_cac, romi from payments_mart.channel_roi where month = '2024-03-01' order by channel",
        ),
      ).toEqual([
        { channel: "A", cac: "10.00", paying_cac: "20.00", romi: "-0.765" },
        { channel: "B", cac: "10.00", paying_cac: "10.00", romi: "-0.930" },
      ]);
    });

    test("cohort_retention and its churn of April", async () => {
      expect(
        await clickhouse("select * from payments_mart.cohort_retention order by months_since"),
      ).toEqual([
        {
          cohort: "2024-03-01",
          months_since: 0,
          cohort_size: "3",
          active_users: "3",
          retention: "1.0000",
          cohort_ltv: "1.80",
          churn: null,
        },
        {
          cohort: "2024-03-01",
          months_since: 1,
          cohort_size: "3",
          active_users: "1",
          retention: "0.3333",
          cohort_ltv: "1.80",
          churn: "0.6667",
        },
      ]);
    });

    test("funnel_daily", async () => {
      expect(
        await clickhouse(
          "select step, sum(users) as users from payments_mart.funnel_daily group by step_no, step order by step_no",
        ),
      ).toEqual([
        { step: "first_launch", users: "3" },
        { step: "registration", users: "3" },
        { step: "product_view", users: "2" },
        { step: "payment_form", users: "2" },
        { step: "payment", users: "2" },
        { step: "repeat_payment", users: "1" },
      ]);
    });

    test("merchants and legal clients", async () => {
      expect(
        await clickhouse(
          "select month, payments, turnover, is_active, mrr from payments_mart.legal_monthly order by month",
        ),
      ).toEqual([
        { month: "2024-01-01", payments: "0", turnover: "0.00", is_active: 0, mrr: "50.00" },
        { month: "2024-02-01", payments: "0", turnover: "0.00", is_active: 0, mrr: "50.00" },
        { month: "2024-03-01", payments: "3", turnover: "295.00", is_active: 1, mrr: "50.00" },
        { month: "2024-04-01", payments: "0", turnover: "0.00", is_active: 0, mrr: "50.00" },
      ]);
      expect(
        await clickhouse(
          "select sum(gpv) as gpv, max(connected_chains) as connected, max(reference_chains) as reference from payments_mart.vertical_daily",
        ),
      ).toEqual([{ gpv: "295.00", connected: "1", reference: "1" }]);
    });
  });
}
