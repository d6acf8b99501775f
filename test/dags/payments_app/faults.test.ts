import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import daily from "../../../dags/payments_app/payments_dwh_daily.ts";
import generate from "../../../dags/payments_app/payments_generate_sources.ts";
import resume from "../../../dags/payments_app/payments_resume.ts";
import { goldenSource, transaction } from "./golden-source.ts";
import { postgresOnly, type Row, type Warehouse, warehouse } from "./warehouse.ts";

describe("Each critical fault gives blocked; after the fix and resume the run is green", () => {
  let app: Warehouse;
  const batchDt = "2024-06-27";
  const sample = { scale: "small", pass: 1, today: "2024-06-29" };
  const load = () => app.run(daily, { batchDt }, postgresOnly);

  beforeAll(async () => {
    app = await warehouse();
    await app.runWell(generate, sample);
    await app.runWell(daily, { since: "2024-05-20", batchDt: "2024-06-26" }, postgresOnly);
  });
  afterAll(async () => app[Symbol.asyncDispose]());

  test.each([
    ["transactions_empty", `No transaction of ${batchDt}`],
    ["transaction_conflict", "came 2 times with different values"],
    ["control_total", "their source says"],
    ["rate_missing", `PLN has no rate for ${batchDt}`],
  ])("%s", async (fault, message) => {
    await app.runWell(generate, { ...sample, fault });
    const blocked = (await load()).get("validate");
    expect(blocked?.state).toBe("failed");
    expect(blocked?.error?.message).toContain(fault);
    expect(blocked?.error?.message).toContain(message);
    expect(blocked?.error?.message).toContain("tidemill trigger payments_resume");
    const [log] = await app.query(
      "select status, error from etl.run_log where task = 'validate' order by run_log_id desc limit 1",
    );
    expect(log?.["status"]).toBe("blocked");
    expect(
      await app.query(
        "select severity from dq.rejected_rows where reason_code = $1 and business_dt = $2 limit 1",
        [fault, batchDt],
      ),
    ).toEqual([{ severity: "critical" }]);

    // Nothing runs past it before a person says so, the fix alone does not suffice.
    await app.runWell(generate, sample);
    const waiting = (await load()).get("cleanup");
    expect(waiting?.error?.message).toContain(`which a critical check blocked`);
    await app.runWell(resume, { batchDt, note: "corrected at the source" });
    const green = await load();
    expect([...green.values()].map(({ state }) => state)).not.toContain("failed");
    expect(green.get("bi_facts")?.state).toBe("success");
  });

  test("a finding that is right is accepted by name: an empty holiday", async () => {
    await app.runWell(generate, { ...sample, fault: "transactions_empty" });
    expect((await load()).get("validate")?.state).toBe("failed");
    await app.runWell(resume, { batchDt, note: "a holiday", accept: ["transactions_empty"] });
    expect((await load()).get("bi_facts")?.state).toBe("success");
  });

  test("an empty weekend is a warning", async () => {
    await app.runWell(daily, { batchDt: "2024-06-30" }, postgresOnly);
    expect(
      await app.query(
        "select severity, reason_code from dq.rejected_rows where business_dt = '2024-06-30' and table_name = 'batch'",
      ),
    ).toEqual([{ severity: "warning", reason_code: "transactions_empty" }]);
  });

  test("a batch that is not blocked cannot be resumed", async () => {
    const result = await app.run(resume, { batchDt: "2024-01-01", note: "nothing" });
    expect(result.get("resume")?.error?.message).toContain('Batch "2024-01-01" is not blocked');
  });
});

describe("Each non-critical fault gives one row in its dq.err_* table; the run is green", () => {
  let app: Warehouse;
  const day = "2024-03-21";

  beforeAll(async () => {
    app = await warehouse();
    await app.runWell(daily, { batchDt: "2024-02-25" }, [...postgresOnly, "validate"]);
    await goldenSource(app);
    await app.insert("src_payments.transactions", [
      transaction(11, 1, day, {}),
      transaction(12, 1, day, {}),
      transaction(12, 1, day, {}),
      transaction(13, 99, day, {}),
      transaction(14, 1, day, { merchant_id: 99 }),
      transaction(15, 1, day, { amount: "-5.00" }),
      transaction(16, 1, day, { trans_date: "2099-01-01T00:00:00Z" }),
      transaction(17, 1, day, { status: "maybe" }),
      transaction(18, 1, day, { payment_method: "barter" }),
      transaction(19, 1, day, { operation_type: "barter" }),
      transaction(20, 1, day, { currency: "??" }),
      transaction(21, 1, day, { merchant_id: null, session_id: null }),
    ]);
    await app.insert("src_oracle.app_user", [
      { user_id: 50, full_name: "A", address: "??? 12/4", registered_at: "2024-03-01T09:00:00Z" },
      { user_id: 51, full_name: "B", gender: "robot", registered_at: "2024-03-01T09:00:00Z" },
      { user_id: 52, full_name: "C", address: "", registered_at: "2024-03-01T09:00:00Z" },
    ]);
    await app.runWell(daily, { since: "2024-03-01", batchDt: day }, postgresOnly);
  });
  afterAll(async () => app[Symbol.asyncDispose]());

  test.each([
    ["13", "user_unknown"],
    ["14", "merchant_unknown"],
    ["15", "amount_negative"],
    ["16", "date_in_future"],
    ["17", "status_unknown"],
    ["18", "payment_method_unknown"],
    ["19", "operation_type_unknown"],
    ["20", "currency_unknown"],
  ])("transaction %s: %s", async (id, reason) => {
    const rows = await app.query(
      "select reason_code from dq.err_transactions where transaction_id = $1",
      [id],
    );
    expect(rows).toEqual([{ reason_code: reason }]);
    const [pointer] = await app.query<{ payload: { err_table: string } }>(
      "select payload from dq.rejected_rows where table_name = 'stage.transactions' and row_key = $1",
      [id],
    );
    expect(pointer?.payload.err_table).toBe("dq.err_transactions");
  });

  test("an address that nobody can read costs the region, not the person", async () => {
    expect(await app.query("select owner, owner_id from dq.err_dim_address")).toEqual([
      { owner: "user", owner_id: "50" },
    ]);
    expect(
      await app.query(
        "select src_id, region from dimention.dim_client where src_id in (50, 51, 52) order by 1",
      ),
    ).toEqual([
      { src_id: "50", region: null },
      { src_id: "52", region: null },
    ]);
  });

  test("an exact copy is removed and counted, and nothing is lost in silence", async () => {
    expect(
      await app.query(
        `select rows_in, rows_out, rows_rejected, rows_duplicate, rows_filtered
         from etl.load_count where table_name = 'transactions' and batch_dt = $1`,
        [day],
      ),
    ).toEqual([
      {
        rows_in: "16",
        rows_out: "7",
        rows_rejected: "8",
        rows_duplicate: "1",
        rows_filtered: "0",
      },
    ]);
    const stored = await app.query("select transaction_id from bi.fct_payment order by 1");
    expect(stored).toHaveLength(7);
  });
});

describe("The modes of extraction", () => {
  let app: Warehouse;
  const load = (batchDt: string) => app.runWell(daily, { batchDt }, postgresOnly);
  const payments = async (): Promise<Row[]> =>
    app.query("select transaction_id, status from bi.fct_payment order by 1");

  beforeAll(async () => {
    app = await warehouse();
    await app.runWell(daily, { batchDt: "2024-02-25" }, [...postgresOnly, "validate"]);
    await goldenSource(app);
    await app.runWell(daily, { since: "2024-03-01", batchDt: "2024-03-20" }, postgresOnly);
  });
  afterAll(async () => app[Symbol.asyncDispose]());

  test("window: a day brings its own; a late row comes by its id, and once", async () => {
    await app.insert("src_payments.transactions", [
      transaction(30, 1, "2024-03-22", {}),
      transaction(29, 1, "2024-03-03", {}),
      transaction(31, 1, "2024-03-23", {}),
    ]);
    await load("2024-03-22");
    const ids = (await payments()).map(({ transaction_id: id }) => id as string);
    expect(ids).toEqual(["1", "2", "3", "4", "29", "30"]);
    await load("2024-03-22");
    expect((await payments()).map(({ transaction_id: id }) => id as string)).toEqual(ids);
  });

  test("window: a status that changed later arrives by the history of operations", async () => {
    await app.query(
      "update src_payments.transactions set status = 'refunded' where transaction_id = 1",
    );
    await app.insert("src_payments.operation_history", [
      { transaction_id: 1, status: "refunded", changed_at: "2024-03-23T10:00:00Z" },
    ]);
    await load("2024-03-22");
    expect((await payments())[0]).toEqual({ transaction_id: "1", status: "success" });
    await load("2024-03-23");
    expect((await payments())[0]).toEqual({ transaction_id: "1", status: "refunded" });
  });

  test("compare: a client that changed gets a second version, the others are left out", async () => {
    await app.query("update src_oracle.app_user set address = 'Brest, Pobedy 1' where user_id = 3");
    await app.insert("src_payments.transactions", [
      transaction(40, 1, "2024-03-25", {}),
      transaction(41, 1, "2024-03-26", {}),
    ]);
    await load("2024-03-25");
    expect(
      await app.query(
        `select region, valid_from::text, valid_to::text, is_current from dimention.dim_client
         where client_type = 'person' and src_id = 3 order by valid_from`,
      ),
    ).toEqual([
      { region: "Minsk", valid_from: "1900-01-01", valid_to: "2024-03-25", is_current: false },
      { region: "Brest region", valid_from: "2024-03-25", valid_to: "infinity", is_current: true },
    ]);
    expect(
      await app.query(
        "select rows_in, rows_out, rows_filtered from etl.load_count where table_name = 'app_user' and batch_dt = '2024-03-25'",
      ),
    ).toEqual([{ rows_in: "3", rows_out: "1", rows_filtered: "2" }]);
  });

  test("full: a merchant that changed is changed", async () => {
    await app.query("update src_payments.ref_merchant set brand = 'Shop & Co'");
    await load("2024-03-26");
    expect(await app.query("select brand from dimention.dim_merchant")).toEqual([
      { brand: "Shop & Co" },
    ]);
  });

  test("a column that the source has no more is an error that names it", async () => {
    await app.query("alter table src_bitrix.crm_deal rename column amount to total");
    const results = await app.run(daily, { batchDt: "2024-03-27" }, postgresOnly);
    expect(results.get("extract_mysql")?.error?.message).toContain(
      'column "amount" does not exist',
    );
    const [log] = await app.query(
      "select status from etl.run_log where task = 'extract_mysql' order by run_log_id desc limit 1",
    );
    expect(log).toEqual({ status: "failed" });
    await app.query("alter table src_bitrix.crm_deal rename column total to amount");
  });
});
