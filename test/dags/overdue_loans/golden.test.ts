import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { overdueLoans } from "../../../dags/connections.ts";
import { type LoanHouse, loanHouse, record } from "./loans.ts";

let house: LoanHouse;

const loans = [
  record.loan(1, "L1", { loan_amount: 40_000, paid_amount: 10_000 }),
  record.loan(2, "L2", { loan_amount: 90_000, paid_amount: 30_000, payment_numbers: 3 }),
  record.loan(3, "L3", { loan_amount: 400_000, paid_amount: 100_000 }),
  record.loan(4, "L4", { loan_amount: 700_000, paid_amount: 70_000, payment_numbers: 10 }),
];
/** loan, number, planned, fact, paid, overdue */
const ten = [
  [1, 1, "01-10", "01-08", 10_000, false],
  [1, 2, "02-10", "02-15", 10_000, true],
  [1, 3, "03-10", "03-10", 10_000, false],
  [2, 1, "01-20", "01-20", 29_999, true],
  [2, 2, "02-20", "02-01", 30_000, false],
  [3, 1, "01-31", "02-02", 100_000, true],
  [3, 2, "02-29", "02-29", 100_000, false],
  [3, 3, "03-31", "03-20", 120_000, false],
  [4, 1, "02-05", "02-06", 50_000, true],
  [4, 2, "03-05", "03-01", 70_000, false],
] as const;

beforeAll(async () => {
  house = await loanHouse();
  await house.writePart(1, {
    clients: [1, 2, 3, 4].map((id) => record.client(id)),
    loans,
    payments: ten.map(([client, number, planned, fact, paid]) =>
      record.payment(client, `L${client}`, number, {
        payment_date: `2024-${planned}`,
        payment_fact_date: `2024-${fact}`,
        paid_fact_amount: paid,
      }),
    ),
  });
  await house.load({ part: 1 });
});
afterAll(async () => house[Symbol.asyncDispose]());

describe("test on 10 records: overdue (date > term), percentage", () => {
  test.each(ten)("L%i/%i is planned %s, paid %s: %i", async (client, number, ...rest) => {
    for (const table of ["core.payments", "mart.data_mart", "mart.big_transactions"]) {
      const rows = await house.query<{ status: boolean }>(
        `select status from ${table} where client_id = $1 and payment_number = $2`,
        [client, number],
      );
      expect(rows).toEqual([{ status: rest[3] }]);
    }
  });

  test("four of ten are overdue, 20,001 are missing", async () => {
    expect(
      await house.query(
        "select count(*)::int as payments, count(*) filter (where status)::int as overdue, round(100.0 * count(*) filter (where status) / count(*), 2)::text as pct, sum(greatest(0, paid_amount - paid_fact_amount))::int as shortfall from mart.data_mart",
      ),
    ).toEqual([{ payments: 10, overdue: 4, pct: "40.00", shortfall: 20_001 }]);
    expect(
      await house.query(
        "select sum(sum_shortfall)::int as shortfall from mart.vw_overdue_by_month_and_amount",
      ),
    ).toEqual([{ shortfall: 20_001 }]);
  });

  test.each([
    [1, 3, 2, "66.67"],
    [2, 4, 2, "50.00"],
    [3, 3, 0, "0.00"],
  ])("month %i: %i loans, %i overdue", async (month, total, overdue, pct) => {
    expect(
      await house.query(
        "select sum(total_loans)::int as total, sum(total_overdue_loans)::int as overdue, round(100.0 * sum(total_overdue_loans) / sum(total_loans), 2)::text as pct from mart.vw_overdue_by_month_and_amount where month = $1",
        [month],
      ),
    ).toEqual([{ total, overdue, pct }]);
  });

  test("buckets of the months, each with its overdue sum", async () => {
    const rows = await house.query<Record<string, string>>(
      "select to_char(period, 'YYYY-MM-DD') as period, loan_amount_bucket as bucket, pct_overdue_loans::text as pct, sum_overdue_payments::text as overdue, sum_issued_loans::text as issued from mart.vw_overdue_by_month_and_amount order by period, min(sum_issued_loans) over (partition by loan_amount_bucket)",
    );
    expect(rows.map((row) => Object.values(row))).toEqual([
      ["2024-01-01", "< 50,000", "0.00", "0", "40000"],
      ["2024-01-01", "50,000–<100,000", "100.00", "29999", "90000"],
      ["2024-01-01", "100,000–<500,000", "100.00", "100000", "400000"],
      ["2024-02-01", "< 50,000", "100.00", "10000", "40000"],
      ["2024-02-01", "50,000–<100,000", "0.00", "0", "90000"],
      ["2024-02-01", "100,000–<500,000", "0.00", "0", "400000"],
      ["2024-02-01", "≥ 500,000", "100.00", "50000", "700000"],
      ["2024-03-01", "< 50,000", "0.00", "0", "40000"],
      ["2024-03-01", "100,000–<500,000", "0.00", "0", "400000"],
      ["2024-03-01", "≥ 500,000", "0.00", "0", "700000"],
    ]);
  });
});

describe("core.v_loan_status by date", () => {
  const overdueOn = async (day: string) =>
    house.query(
      "select loan_name, is_overdue, is_term_passed, overdue_payments::int as payments, paid_total::int as paid, status from core.loan_status($1::date) order by loan_name",
      [day],
    );

  test("knows on a day only what was paid by then", async () => {
    expect(await overdueOn("2024-02-10")).toMatchObject([
      { loan_name: "L1", is_overdue: false, payments: 0, paid: 10_000, status: "current" },
      { loan_name: "L2", is_overdue: true, payments: 1, paid: 59_999 },
      { loan_name: "L3", is_overdue: true, payments: 1, paid: 100_000 },
      { loan_name: "L4", is_overdue: true, payments: 1, paid: 50_000 },
    ]);
    expect(await overdueOn("2024-02-11")).toMatchObject([
      { loan_name: "L1", is_overdue: true, payments: 1, is_term_passed: false },
      {},
      {},
      {},
    ]);
  });

  test("marks an unpaid loan after its end date, with as-of set", async () => {
    await house.query(
      "update core.loans set loan_end_date = '2024-03-31' where loan_name in ('L1', 'L2')",
    );
    await house.query("update core.payments set status = false where loan_name in ('L1', 'L2')");
    expect(await overdueOn("2024-03-31")).toMatchObject([
      { is_overdue: false, is_term_passed: false },
      {},
      {},
      {},
    ]);
    expect(await overdueOn("2024-04-01")).toMatchObject([
      { loan_name: "L1", is_overdue: true, is_term_passed: true, payments: 0, status: "overdue" },
      { loan_name: "L2", is_overdue: true, is_term_passed: true, paid: 59_999 },
      {},
      {},
    ]);
    await using ctx = house.context();
    const db = await ctx.open(overdueLoans);
    const { rows } = await db.named(
      "set overdue_loans.as_of = '2024-04-01'; select loan_name, as_of_date from core.v_loan_status where is_term_passed order by loan_name",
    );
    expect(rows).toEqual([
      { loan_name: "L1", as_of_date: "2024-04-01" },
      { loan_name: "L2", as_of_date: "2024-04-01" },
    ]);
  });

  test("takes today where no day is set", async () => {
    const [row] = await house.query<{ is_today: boolean }>(
      "select bool_and(as_of_date = (now() at time zone 'UTC')::date) as is_today from core.v_loan_status",
    );
    expect(row).toEqual({ is_today: true });
  });
});

test("Loans (id, client, amount, term, status), Clients (id, name), Payments have their columns", async () => {
  const columns = async (table: string) =>
    (
      await house.query<{ column_name: string }>(
        "select column_name from information_schema.columns where table_schema || '.' || table_name = $1 order by ordinal_position",
        [table],
      )
    ).map((row) => row.column_name);
  expect(await columns("core.v_loan_status")).toEqual(
    expect.arrayContaining(["loan_id", "client_id", "loan_amount", "loan_end_date", "status"]),
  );
  expect(await columns("core.clients")).toEqual(expect.arrayContaining(["client_id", "fio"]));
  expect(await columns("core.payments")).toContain("status");
  expect(await columns("mart.vw_overdue_by_month_and_amount")).toEqual([
    "period",
    "year",
    "month",
    "loan_amount_bucket",
    "total_loans",
    "total_overdue_loans",
    "pct_overdue_loans",
    "sum_issued_loans",
    "sum_overdue_payments",
    "sum_shortfall",
  ]);
});
