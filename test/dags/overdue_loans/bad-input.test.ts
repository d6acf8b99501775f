import { rm } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { checkQuality } from "../../../dags/overdue_loans/lib/check-quality.ts";
import { partFile } from "../../../dags/overdue_loans/lib/split-files.ts";
import { type LoanHouse, loanHouse, record } from "./loans.ts";

let house: LoanHouse;

beforeAll(async () => {
  house = await loanHouse();
});
afterAll(async () => house[Symbol.asyncDispose]());
beforeEach(async () => house.reset());

const good = {
  clients: [record.client(1), record.client(2)],
  loans: [record.loan(1, "A"), record.loan(2, "B")],
  payments: [record.payment(1, "A", 1), record.payment(2, "B", 1)],
};
const without = (source: object, field: string): object =>
  Object.fromEntries(Object.entries(source).filter(([name]) => name !== field));

describe("a record that no table can hold is a reject with its reason", () => {
  test.each([
    ["a missing column", without(record.client(2), "fio"), "fio_missing"],
    ["an unknown gender", record.client(2, { gender: "x" }), "gender_unknown"],
    [
      "an unknown status of family",
      record.client(2, { family_status: "?" }),
      "family_status_unknown",
    ],
    ["an unknown job", record.client(2, { job_type: "Космонавт" }), "job_type_unknown"],
    [
      "a date that is none",
      record.client(2, { birth_date: "2023-02-29" }),
      "birth_date_not_a_date",
    ],
    ["a passport of another shape", record.client(2, { passport: "1" }), "passport_malformed"],
    ["a decimal comma", record.client(2, { income: "30000,50" }), "income_not_whole"],
    ["a fraction", record.client(2, { income: 0.5 }), "income_not_whole"],
    ["a number too large", record.client(2, { income: 3_000_000_000 }), "income_out_of_range"],
    ["what is no object", 17, "not_an_object"],
    ["text with a zero", record.client(2, { region: "a\0b" }), "region_not_text"],
  ])("%s", async (_, client, reason) => {
    await house.writePart(1, { ...good, clients: [record.client(1), client as object] });
    await house.load({ part: 1 });
    expect(
      (await house.rejects()).map((row) => [row.table_name, row.row_key, row.reason_code]),
    ).toEqual([
      ["staging.clients", "record 2", reason],
      ["staging.loans", "record 2", "unknown_client"],
      ["staging.payments", "record 2", "unknown_client"],
    ]);
    expect(await house.count("mart.data_mart")).toBe(1);
  });

  test("a loan without client, a payment without loan", async () => {
    await house.writePart(1, {
      ...good,
      loans: [...good.loans, record.loan(9, "C")],
      payments: [...good.payments, record.payment(9, "C", 1), record.payment(1, "B", 1)],
    });
    const { rejected } = await house.load({ part: 1 });
    expect(rejected).toBe(3);
    expect((await house.rejects()).map((row) => row.reason_code)).toEqual([
      "unknown_client",
      "unknown_client",
      "unknown_loan",
    ]);
  });

  test("a repeated key: the same once more is counted, another is refused", async () => {
    const [first] = good.payments;
    await house.writePart(1, {
      ...good,
      payments: [...good.payments, { ...first }, { ...first, paid_fact_amount: 1 }],
    });
    await house.load({ part: 1 });
    expect((await house.rejects()).map((row) => Object.values(row))).toEqual([
      ["part_1", "staging.payments", "record 4", "duplicate_key"],
    ]);
    expect(
      await house.query(
        "select rows_in::int, rows_out::int, rows_rejected::int, rows_duplicate::int from etl.run_log where task = 'load_payments'",
      ),
    ).toEqual([{ rows_in: 4, rows_out: 2, rows_rejected: 1, rows_duplicate: 1 }]);
  });

  test("loading the part again replaces its rejects", async () => {
    await house.writePart(1, {
      ...good,
      clients: [record.client(1), record.client(2, { fio: "" })],
    });
    await house.load({ part: 1 });
    const before = await house.checksums();
    await house.load({ part: 1 });
    expect(await house.checksums()).toEqual(before);
    await house.writePart(1, good);
    await house.load({ part: 1 });
    expect(await house.rejects()).toEqual([]);
    expect(await house.count("mart.data_mart")).toBe(2);
  });
});

describe("a file that is another kind of file stops the load, and nothing of it is stored", () => {
  const clientsText = JSON.stringify(good.clients, null, 2);
  test.each([
    ["an empty file", "", "is empty"],
    ["broken JSON", '[{"client_id": 1,}]', "has a record 1 that is not JSON"],
    ["a truncated file", clientsText.slice(0, -40), "ends in the middle, after 1 records"],
    ["an object", JSON.stringify(good.clients[0]), "is not an array of records"],
    ["two arrays", `${clientsText}[]`, "goes on after the end"],
    ["another encoding", Buffer.from([91, 123, 34, 0xea, 0xeb, 34, 125, 93]), "is not utf-8"],
    [
      "a renamed column",
      clientsText.replaceAll('"fio"', '"name"'),
      'has no usable record, most were refused as "fio_missing"',
    ],
  ])("%s", async (_, content, message) => {
    await house.writePart(1, good);
    await house.writeFileOf(1, "clients", content);
    await expect(house.load({ part: 1 })).rejects.toThrow(message);
    await expect(house.load({ part: 1 })).rejects.toThrow("clients_1.json");
    expect(await house.count("staging.clients")).toBe(0);
    expect(await house.count("etl.loaded_parts")).toBe(0);
  });

  test("a missing file", async () => {
    await house.writePart(1, good);
    await rm(partFile(house.splitDir, 1, "payments"));
    await expect(house.load({ part: 1 })).rejects.toThrow(/has no file ".*payments_1.json"/);
  });
});

test("a byte order mark, empty texts, newlines and quotes are stored as they are", async () => {
  const address = 'ул. "Лесная",\nд. 2\\3';
  const client = record.client(1, { address, region: "", family_status: "", phone: null });
  await house.writePart(1, { ...good, clients: [client, record.client(2)] });
  await house.writeFileOf(1, "clients", `\uFEFF${JSON.stringify([client, record.client(2)])}`);
  await house.load({ part: 1 });
  expect(
    await house.query(
      "select address, region, family_status, phone from core.clients where client_id = 1",
    ),
  ).toEqual([{ address, region: "", family_status: null, phone: null }]);
});

test("a critical check that rows break ends the run and names itself", async () => {
  await house.writePart(1, good);
  await house.load({ part: 1 });
  await house.query("update mart.data_mart set status = not status where client_id = 1");
  await house.query("update core.loans set payment_numbers = 9");
  await using ctx = house.context();
  await expect(checkQuality(ctx)).rejects.toThrow(
    'Check "status says whether a payment was late or short" is broken by 1 rows',
  );
  expect(ctx.logs.map((line) => line.message)).toContain(
    'check "loans have as many payments as they say" is broken by 2 rows',
  );
});
