import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { runTask } from "@tidemill/dag-core/testing";
import { generateFiles } from "../../../dags/overdue_loans/lib/generate-files.ts";
import { entities } from "../../../dags/overdue_loans/lib/records.ts";
import { partFile, splitFiles } from "../../../dags/overdue_loans/lib/split-files.ts";
import overdueLoansLoad from "../../../dags/overdue_loans/overdue_loans_load.ts";
import { type LoanHouse, loanHouse, record, runDag } from "./loans.ts";

let house: LoanHouse;
/** The demo volume in five parts. */
let demo: string;
const keys = {
  clients: ["client_id"],
  loans: ["client_id", "loan_name"],
  payments: ["client_id", "loan_name", "payment_number"],
} as const;

const recordsOf = async (part: number, entity: "clients" | "loans" | "payments") =>
  JSON.parse(await readFile(partFile(demo, part, entity), "utf8")) as Record<string, unknown>[];

beforeAll(async () => {
  house = await loanHouse();
  demo = join(house.directory, "demo");
  const rawDir = join(house.directory, "raw");
  await generateFiles({ rawDir, startLoanDate: "2010-01-01", today: "2025-01-01" });
  await splitFiles({ rawDir, splitDir: demo });
});
afterAll(async () => house[Symbol.asyncDispose]());
beforeEach(async () => house.reset());

describe("cumulative splits", () => {
  test.each(entities)("part i+1 contains the %s of part i", async (entity) => {
    let before = new Set<string>();
    for (let part = 1; part <= 5; part += 1) {
      const records = await recordsOf(part, entity);
      const found = new Set(records.map((one) => JSON.stringify(keys[entity].map((k) => one[k]))));
      expect(found.size).toBe(records.length);
      expect([...before].filter((key) => !found.has(key))).toEqual([]);
      expect(found.size).toBeGreaterThan(0);
      before = found;
    }
  });

  test("the first part holds the earliest loans, floor(total / parts) + 1 of them", async () => {
    const all = await recordsOf(5, "loans");
    const first = await recordsOf(1, "loans");
    expect(first).toHaveLength(Math.floor(all.length / 5) + 1);
    const starts = all.map((loan) => String(loan["loan_start_date"])).toSorted();
    const latest = first
      .map((loan) => String(loan["loan_start_date"]))
      .toSorted()
      .at(-1);
    expect(latest).toBe(starts[first.length - 1]);
  });

  test("the last part is the whole", async () => {
    for (const entity of entities) {
      const raw = JSON.parse(
        await readFile(join(house.directory, "raw", `${entity}.json`), "utf8"),
      ) as unknown[];
      expect(await recordsOf(5, entity)).toEqual(raw);
    }
  });
});

describe("loading parts", () => {
  test("load 1..n equals load --all equals the DAG with all; reloading changes nothing; payments: staging = core = mart", async () => {
    for (let part = 1; part <= 5; part += 1) await house.load({ part }, demo);
    const oneByOne = await house.checksums();
    await house.reset();
    expect((await house.load({ all: true }, demo)).parts).toEqual([1, 2, 3, 4, 5]);
    expect(await house.checksums()).toEqual(oneByOne);
    const staged = await house.count("staging.payments");
    expect(staged).toBeGreaterThan(2_000);
    expect(await house.count("core.payments")).toBe(staged);
    expect(await house.count("mart.data_mart")).toBe(staged);

    await house.reset();
    process.env["SPLIT_DIR"] = demo;
    await runDag(overdueLoansLoad, { connections: house.connections, params: { all: true } });
    expect(await house.checksums()).toEqual(oneByOne);

    const before = oneByOne;
    expect((await house.load({ all: true }, demo)).parts).toEqual([]);
    for (const part of [1, 5]) {
      const { rows } = await house.load({ part }, demo);
      expect(rows).toEqual({ clients: 0, loans: 0, payments: 0, mart: 0 });
      expect(await house.checksums()).toEqual(before);
    }

    const [row] = await house.query(
      "select bool_and(load_ts > '2024-01-01') as timed, array_agg(distinct file_name order by file_name) as files from staging.loans",
    );
    expect(row).toEqual({
      timed: true,
      files: [1, 2, 3, 4, 5].map((part) => `loans_${part}.json`),
    });
    const [client] = await house.query(
      "select s.address as staged, c.address as core, (select min(job_type) from mart.data_mart where client_id = 1) as mart, s.file_name as file from staging.clients s join core.clients c using (client_id) where client_id = 1",
    );
    expect(client).toEqual({
      file: "clients_2.json",
      staged: "ул. Новая, д. 1",
      core: "ул. Новая, д. 1",
      mart: "ИП",
    });
  });

  test("a second delivery goes on with the next clients in the next parts", async () => {
    const rawDir = join(house.directory, "passes");
    const sample = { rawDir, startLoanDate: "2023-01-01", today: "2025-01-01", numClients: 6 };
    for (const pass of [1, 2]) {
      await generateFiles({ ...sample, pass });
      await splitFiles({ rawDir, splitDir: house.splitDir, parts: 2, after: (pass - 1) * 2 });
      await house.load({ all: true });
    }
    expect(
      await house.query("select array_agg(part order by part) as parts from etl.loaded_parts"),
    ).toEqual([{ parts: [1, 2, 3, 4] }]);
    // Of each six, the last one has the passport of the first.
    expect(
      await house.query("select array_agg(client_id order by client_id) as ids from core.clients"),
    ).toEqual([{ ids: [1, 2, 3, 4, 5, 7, 8, 9, 10, 11] }]);
  });

  test("without a choice the DAG loads the next part, and skips when none is left", async () => {
    const small = { clients: [record.client(1)], loans: [], payments: [] };
    await house.writePart(1, small);
    await house.writePart(2, small);
    process.env["SPLIT_DIR"] = house.splitDir;
    const options = { connections: house.connections };
    for (let part = 1; part <= 2; part += 1) {
      const results = await runDag(overdueLoansLoad, options);
      expect(results.get("check_part")?.output).toEqual({ parts: [part] });
    }
    expect(await runTask(overdueLoansLoad, "check_part", { ...options, params: {} })).toMatchObject(
      {
        state: "skipped",
        message: "no part is left to load, the last one is 2",
      },
    );
  });

  test("skipping a part errors, and so does a part without its files", async () => {
    await expect(house.load({ part: 2 }, demo)).rejects.toThrow(
      "Part 2 is out of order, no part is loaded; load part 1 first",
    );
    await expect(house.load({ part: 0 }, demo)).rejects.toThrow("parts are numbered from 1");
    await house.load({ part: 1 }, demo);
    await expect(house.load({ part: 3 }, demo)).rejects.toThrow("load part 2 first");
    await expect(house.load({ part: 2 })).rejects.toThrow("has no folder");
    await house.writeFileOf(2, "clients", "[]");
    await expect(house.load({ part: 2 })).rejects.toThrow(/has no file ".*loans_2.json"/);
  });

  test("a part is noted as loaded only after its mart", async () => {
    await house.writePart(1, { clients: [], loans: [], payments: [] });
    await house.writeFileOf(1, "payments", "[{");
    await expect(house.load({ part: 1 })).rejects.toThrow("ends in the middle");
    expect(await house.count("etl.loaded_parts")).toBe(0);
    expect(await house.query("select task, status from etl.run_log order by run_log_id")).toEqual([
      { task: "load_clients", status: "success" },
      { task: "load_loans", status: "success" },
      { task: "load_payments", status: "failed" },
    ]);
  });
});

describe("corrections", () => {
  const one = (fields: object) => ({
    clients: [record.client(1)],
    loans: [record.loan(1, "A")],
    payments: [record.payment(1, "A", 1, fields)],
  });

  test("a corrected payment changes core and mart; the old version is in core.payments_history", async () => {
    await house.writePart(1, one({ payment_fact_date: "2024-01-12" }));
    await house.writePart(2, one({ paid_fact_amount: 9_000 }));
    await house.writePart(3, one({}));
    await house.load({ all: true });
    for (const table of ["core.payments", "mart.data_mart"]) {
      expect(await house.query(`select status, paid_fact_amount from ${table}`)).toEqual([
        { status: false, paid_fact_amount: 10_000 },
      ]);
    }
    expect(
      await house.query(
        "select version, status, paid_fact_amount, payment_fact_date::date::text as fact, replaced_by_file from core.payments_history order by version",
      ),
    ).toEqual([
      {
        version: 1,
        status: true,
        paid_fact_amount: 10_000,
        fact: "2024-01-12",
        replaced_by_file: "payments_2.json",
      },
      {
        version: 2,
        status: true,
        paid_fact_amount: 9_000,
        fact: "2024-01-10",
        replaced_by_file: "payments_3.json",
      },
    ]);
  });

  test("a loan with another plan judges its payments anew", async () => {
    await house.writePart(1, one({ paid_fact_amount: 9_000 }));
    await house.writePart(2, {
      ...one({ paid_fact_amount: 9_000 }),
      loans: [record.loan(1, "A", { paid_amount: 9_000 })],
    });
    await house.load({ part: 1 });
    expect(await house.query("select status from mart.data_mart")).toEqual([{ status: true }]);
    await house.load({ part: 2 });
    expect(await house.query("select status from mart.data_mart")).toEqual([{ status: false }]);
  });

  test("a passport of another client is a reject, with the client's loans and payments", async () => {
    await house.writePart(1, one({}));
    await house.writePart(2, {
      clients: [record.client(1), record.client(2, { passport: record.client(1).passport })],
      loans: [record.loan(1, "A"), record.loan(2, "A")],
      payments: [record.payment(1, "A", 1), record.payment(2, "A", 1)],
    });
    await house.load({ all: true });
    expect(await house.count("core.clients")).toBe(1);
    expect((await house.rejects()).map((row) => Object.values(row))).toEqual([
      ["part_2", "staging.clients", "record 2", "passport_conflict"],
      ["part_2", "staging.loans", "record 2", "unknown_client"],
      ["part_2", "staging.payments", "record 2", "unknown_client"],
    ]);
  });

  test("a passport that one client gives up in a part may be another's in it", async () => {
    const passports = ["45 10 000001", "45 10 000002", "45 10 000003"];
    const clients = (order: readonly number[]) =>
      order.map((at, index) => record.client(index + 1, { passport: passports[at] }));
    const rest = { loans: [], payments: [] };
    await house.writePart(1, { clients: clients([0, 1]), ...rest });
    await house.writePart(2, { clients: clients([1, 2]), ...rest });
    await house.load({ all: true });
    expect(await house.query("select passport from core.clients order by client_id")).toEqual([
      { passport: passports[1] },
      { passport: passports[2] },
    ]);
    expect(await house.rejects()).toEqual([]);
  });

  test("one loan name at two clients are two loans", async () => {
    await house.writePart(1, {
      clients: [record.client(1), record.client(2)],
      loans: [record.loan(1, "A"), record.loan(2, "A")],
      payments: [record.payment(1, "A", 1), record.payment(2, "A", 1)],
    });
    await house.load({ part: 1 });
    expect(await house.count("mart.data_mart")).toBe(2);
  });
});
