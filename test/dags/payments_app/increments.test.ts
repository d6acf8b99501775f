import { afterAll, beforeAll, expect, test } from "@jest/globals";
import fc from "fast-check";
import daily from "../../../dags/payments_app/payments_dwh_daily.ts";
import { goldenSource, transaction } from "./golden-source.ts";
import { postgresOnly, type Row, type Warehouse, warehouse } from "./warehouse.ts";
import { draw } from "../../helpers/property.ts";

let app: Warehouse;
const days = ["2024-04-01", "2024-04-02", "2024-04-03"] as const;
/** The sources that the edits do not touch, once they have been read. */
const settled = [...postgresOnly, "extract_mysql", "extract_files", "extract_nbrb", "geocode"];

beforeAll(async () => {
  app = await warehouse();
  await app.runWell(daily, { batchDt: "2024-02-25" }, [...postgresOnly, "validate"]);
  await goldenSource(app);
  await app.runWell(daily, { since: "2024-03-01", batchDt: "2024-03-31" }, postgresOnly);
  await app.runWell(daily, { since: "2024-04-01", batchDt: "2024-04-03" }, [
    ...postgresOnly,
    "extract_pg",
    "validate",
  ]);
  await app.query("create table kept as select * from src_payments.transactions");
});
afterAll(async () => app[Symbol.asyncDispose]());

/** The facts by the keys of the business: a version of a client by its day, not by its number. */
const facts = (): Promise<Row[]> =>
  app.query(
    `select p.transaction_id, p.ts, c.src_id, c.valid_from, m.merchant_id, p.amount_byn, p.fee_byn, p.status, p.batch_dt
     from bi.fct_payment p join dimention.dim_client c using (client_sk)
     left join dimention.dim_merchant m using (merchant_sk) order by 1`,
  );

const reset = async (): Promise<void> => {
  await app.query(
    "truncate bi.fct_payment, bi.fct_session, src_payments.transactions, src_payments.operation_history",
  );
  await app.query("truncate etl.watermark, etl.blocked_batch");
};

/** Everything again, as one batch. */
const rebuild = async (): Promise<void> => {
  await app.query("truncate bi.fct_payment, bi.fct_session, etl.watermark");
  await app.runWell(daily, { since: "2024-03-01", batchDt: "2024-04-03" }, settled);
};

const edit = fc.record({
  kind: fc.constantFrom("new", "late", "status", "copy", "negative"),
  user: fc.constantFrom(1, 2, 3),
  cents: fc.integer({ min: 1, max: 99_999 }),
  currency: fc.constantFrom("BYN", "USD", "RUB"),
});
type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

let nextId = 0;
async function apply({ kind, user, cents, currency }: Edit, day: string): Promise<void> {
  nextId += 1;
  const amount = `${kind === "negative" ? "-" : ""}${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, "0")}`;
  if (kind === "status") {
    const [found] = await app.query<{ id: string }>(
      `update src_payments.transactions set status = 'refunded' where transaction_id =
         (select min(transaction_id) from src_payments.transactions where status = 'success' and trans_date < $1)
       returning transaction_id as id`,
      [`${day}T00:00:00Z`],
    );
    if (found === undefined) return;
    await app.insert("src_payments.operation_history", [
      { transaction_id: found.id, status: "refunded", changed_at: `${day}T15:00:00Z` },
    ]);
    return;
  }
  const row = transaction(nextId, user, kind === "late" ? "2024-03-15" : day, { amount, currency });
  await app.insert("src_payments.transactions", kind === "copy" ? [row, row] : [row]);
}

test("incremental equals a full rebuild, whatever is edited in between", async () => {
  const plan = fc.tuple(...days.map(() => fc.array(edit, { minLength: 1, maxLength: 6 })));
  await fc.assert(
    fc.asyncProperty(plan, async (edits) => {
      await reset();
      await app.query("insert into src_payments.transactions select * from kept");
      nextId = 100;
      await app.runWell(daily, { since: "2024-03-01", batchDt: "2024-03-31" }, settled);
      for (const [index, day] of days.entries()) {
        // Each day has one payment at least: an empty one would block the batch.
        await apply({ kind: "new", user: 1, cents: 100, currency: "BYN" }, day);
        for (const one of edits[index] ?? []) await apply(one, day);
        await app.runWell(daily, { batchDt: day }, settled);
      }
      const incremental = await facts();
      await rebuild();
      expect(await facts()).toEqual(incremental);
    }),
    { ...draw, numRuns: 3, endOnFailure: true },
  );
});

test("backfill of a past range equals day by day, and a second time changes nothing", async () => {
  await reset();
  await app.query("insert into src_payments.transactions select * from kept");
  nextId = 500;
  for (const day of days) await apply({ kind: "new", user: 2, cents: 1234, currency: "USD" }, day);
  await app.runWell(daily, { since: "2024-03-01", batchDt: "2024-03-31" }, settled);
  for (const batchDt of days) await app.runWell(daily, { batchDt }, settled);
  const byDay = await facts();
  for (const batchDt of days) await app.runWell(daily, { batchDt }, settled);
  expect(await facts()).toEqual(byDay);
  await rebuild();
  expect(await facts()).toEqual(byDay);
});
