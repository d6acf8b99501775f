import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { generateFiles } from "../../../dags/overdue_loans/lib/generate-files.ts";
import { addMonths, wholeMonths } from "../../../dags/overdue_loans/lib/generator/calendar.ts";
import type {
  ClientRecord,
  LoanRecord,
  PaymentRecord,
} from "../../../dags/overdue_loans/lib/records.ts";
import { splitFiles } from "../../../dags/overdue_loans/lib/split-files.ts";

let directory: string;
let clients: ClientRecord[];
let loans: LoanRecord[];
let payments: PaymentRecord[];
const demo = { startLoanDate: "2010-01-01", today: "2025-01-01" };

const read = async <T>(folder: string, file: string): Promise<T> =>
  JSON.parse(await readFile(join(directory, folder, file), "utf8")) as T;
const hash = async (folder: string): Promise<string[]> =>
  Promise.all(
    ["clients.json", "loans.json", "payments.json", "revisions.json"].map(async (file) =>
      createHash("sha256")
        .update(await readFile(join(directory, folder, file)))
        .digest("hex"),
    ),
  );
const generate = (folder: string, options: object = {}) =>
  generateFiles({ rawDir: join(directory, folder), ...demo, ...options });

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "overdue-loans-"));
  await generate("demo");
  clients = await read("demo", "clients.json");
  loans = await read("demo", "loans.json");
  payments = await read("demo", "payments.json");
});
afterAll(async () => rm(directory, { recursive: true, force: true }));

test("three JSON files: 20 clients by default, 100 with --num-clients 100", async () => {
  expect(clients).toHaveLength(20);
  await generate("hundred", { numClients: 100 });
  const hundred = await read<ClientRecord[]>("hundred", "clients.json");
  expect(hundred).toHaveLength(100);
  expect(new Set(hundred.map((client) => client.client_id)).size).toBe(100);
});

test("equal seed, today and pass give equal bytes; another seed or pass gives others", async () => {
  await generate("again");
  expect(await hash("again")).toEqual(await hash("demo"));
  await generate("other", { seed: 43 });
  expect((await hash("other"))[2]).not.toBe((await hash("demo"))[2]);
  await generate("second", { pass: 2 });
  const second = await read<ClientRecord[]>("second", "clients.json");
  expect(second.map((client) => client.client_id)).toEqual(
    Array.from({ length: 20 }, (_, index) => 21 + index),
  );
});

test("files are indented by two, as JSON.stringify writes them", async () => {
  const text = await readFile(join(directory, "demo", "loans.json"), "utf8");
  expect(text).toBe(JSON.stringify(loans, null, 2));
});

test("loans end today, payments are planned monthly, the plan is the rounded share", () => {
  for (const loan of loans) {
    const own = payments.filter(
      (one) => one.client_id === loan.client_id && one.loan_name === loan.loan_name,
    );
    expect(own).toHaveLength(loan.payment_numbers);
    expect(loan.payment_numbers).toBe(wholeMonths(loan.loan_start_date, loan.loan_end_date) + 1);
    expect(loan.paid_amount).toBe(Math.round(loan.loan_amount / loan.payment_numbers));
    expect(loan.loan_start_date >= demo.startLoanDate).toBe(true);
    for (const payment of own) {
      const at = addMonths(loan.loan_start_date, payment.payment_number - 1);
      expect(payment.payment_date).toBe(at);
    }
  }
  expect(loans.filter((loan) => loan.loan_end_date === demo.today).length).toBeGreaterThan(20);
});

describe("the sample data contains", () => {
  const some = (name: string, found: () => boolean) =>
    test(`${name}`, () => {
      expect(found()).toBe(true);
    });
  const planOf = (payment: PaymentRecord) =>
    loans.find((one) => one.client_id === payment.client_id && one.loan_name === payment.loan_name)
      ?.paid_amount ?? 0;
  const isLate = (one: PaymentRecord) => one.payment_fact_date > one.payment_date;
  const optional = ["region", "family_status", "address", "phone"] as const;

  for (const field of [...optional, "count_of_children"] as const) {
    some(`null as ${field}`, () => clients.some((client) => client[field] === null));
  }
  for (const field of optional) {
    some(`an empty text as ${field}`, () => clients.some((client) => client[field] === ""));
  }
  some("Cyrillic names", () =>
    clients.every(({ fio }) => /^[А-ЯЁа-яё]+( [А-ЯЁа-яё]+){2}$/.test(fio)),
  );
  some("newline and quotes in an address", () =>
    clients.some(({ address }) => /\n/.test(address ?? "") && /"/.test(address ?? "")),
  );
  some("a passport that returns", () => new Set(clients.map((one) => one.passport)).size === 19);
  some("one loan name at two clients", () => {
    const names = loans.map((loan) => loan.loan_name);
    return new Set(names).size < names.length;
  });
  some("equal dates", () => payments.some((one) => one.payment_date === one.payment_fact_date));
  some("an overpayment", () => payments.some((one) => one.paid_fact_amount >= planOf(one) + 1_000));
  some("a payment of nothing", () => payments.some((one) => one.paid_fact_amount === 0));
  some("late and short at once", () =>
    payments.some((one) => isLate(one) && one.paid_fact_amount < planOf(one)),
  );
  some("a fact in a later month", () =>
    payments.some((one) => one.payment_fact_date.slice(0, 7) > one.payment_date.slice(0, 7)),
  );
  some("29 February", () => payments.some((one) => one.payment_date === "2024-02-29"));
  some("ends of months", () =>
    ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"].every((at) =>
      payments.some((one) => one.loan_name === "END-00001" && one.payment_date === at),
    ),
  );
  some("amounts on the bounds of buckets", () =>
    [50_000, 100_000, 500_000].every((amount) => loans.some((one) => one.loan_amount === amount)),
  );
  some("a loan with one payment", () => loans.some((one) => one.payment_numbers === 1));
  some("an unpaid loan that ended before today", () =>
    loans.some((loan) => {
      const paid = payments
        .filter((one) => one.client_id === loan.client_id && one.loan_name === loan.loan_name)
        .reduce((sum, one) => sum + one.paid_fact_amount, 0);
      return loan.loan_end_date < demo.today && paid < loan.loan_amount;
    }),
  );
});

describe("split", () => {
  test("errors unless the three raw files exist", async () => {
    const rawDir = join(directory, "nothing");
    await expect(splitFiles({ rawDir, splitDir: join(directory, "s") })).rejects.toThrow(
      "has no clients.json, loans.json, payments.json",
    );
  });

  test("loses nothing: what belongs to no loan comes with the last part", async () => {
    const rawDir = join(directory, "orphans");
    await generate("orphans", { numClients: 5 });
    const orphan = { client_id: 99, loan_name: "X", payment_number: 1 };
    const own = await read<PaymentRecord[]>("orphans", "payments.json");
    await writeFile(join(rawDir, "payments.json"), JSON.stringify([...own, orphan]));
    await splitFiles({ rawDir, splitDir: join(directory, "orphans-split"), parts: 2 });
    const last = await read<object[]>("orphans-split/part_2", "payments_2.json");
    expect(last).toContainEqual(orphan);
    expect(last).toHaveLength(own.length + 1);
  });

  test("a split into fewer parts leaves no part of an earlier one", async () => {
    const options = { rawDir: join(directory, "demo"), splitDir: join(directory, "fewer") };
    await splitFiles({ ...options, parts: 4 });
    await splitFiles({ ...options, parts: 2 });
    await expect(read("fewer/part_3", "clients_3.json")).rejects.toThrow("ENOENT");
    await expect(splitFiles({ ...options, parts: 0 })).rejects.toThrow("give 1 to 1000");
  });
});
