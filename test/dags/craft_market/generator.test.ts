import { createHash } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { batchOf } from "../../../dags/craft_market/lib/generator/batch.ts";
import { orderOf } from "../../../dags/craft_market/lib/generator/orders.ts";
import { sourceNames } from "../../../dags/craft_market/lib/generator/people.ts";
import { firstPass } from "../../../dags/craft_market/lib/generator/rows.ts";
import { scales } from "../../../dags/craft_market/lib/generator/scales.ts";
import { sourceTables } from "../../../dags/craft_market/lib/source-tables.ts";

const history = { seed: 42, scale: scales.demo, today: "2025-01-01" };
const digest = (value: unknown): string =>
  createHash("sha256").update(JSON.stringify(value)).digest("hex");
const tables = (given = history) =>
  [...firstPass(given)].map(({ table, rows }) => ({ table, rows: [...rows] }));
const batches = (pass: number) => sourceNames.map((source) => batchOf(history, source, pass));

describe("the first pass", () => {
  const first = tables();

  test("is the same bytes for the same seed, scale and today", () => {
    expect(digest(first)).toBe(digest(tables()));
    expect(digest(first)).not.toBe(digest(tables({ ...history, seed: 43 })));
    expect(digest(first)).not.toBe(digest(tables({ ...history, today: "2025-01-02" })));
  });

  test("has the rows of its scale, each with the columns of its table", () => {
    expect(Object.fromEntries(first.map(({ table, rows }) => [table, rows.length]))).toEqual({
      "source1.craft_market_wide": 1_000,
      "source2.craft_market_masters_products": 100,
      "source2.craft_market_orders_customers": 1_000,
      "source3.craft_market_craftsmans": 100,
      "source3.craft_market_customers": 400,
      "source3.craft_market_orders": 1_000,
      "external_source.customers": 400,
      "external_source.craft_products_orders": 1_000,
    });
    for (const { table, rows } of first) {
      const columns = sourceTables.find(({ name }) => name === table)?.columns.length ?? 0;
      expect(rows.every((row) => row.length === columns)).toBe(true);
    }
  });

  test("ends the day before today and looks back 24 months", () => {
    const days = sourceNames.flatMap((source) =>
      Array.from({ length: 1_000 }, (_, at) => orderOf(history, source, at + 1).created ?? "2024"),
    );
    expect(days.toSorted().at(-1)).toBe("2024-12-31");
    expect(days.toSorted()[0]?.slice(0, 7)).toBe("2023-01");
    expect(new Set(days.map((day) => day.slice(0, 7))).size).toBeGreaterThanOrEqual(24);
  });

  test("load has the rows that the scale states", () => {
    const { orders, craftsmen, customers, months, batch } = scales.load;
    expect([orders * 4, craftsmen, customers, months]).toEqual([2_000_000, 20_000, 100_000, 60]);
    expect(batch).toEqual({ orders: 10_000, statuses: 10_000, addresses: 1_000 });
  });
});

describe("a later pass", () => {
  const sum = (pass: number, of: (batch: ReturnType<typeof batchOf>) => number): number =>
    batches(pass).reduce((total, batch) => total + of(batch), 0);

  test.each([2, 3, 7])("pass %i has 40 new orders, 40 new statuses and 5 new addresses", (pass) => {
    expect(sum(pass, ({ firstId, lastId }) => lastId - firstId + 1)).toBe(40);
    expect(sum(pass, ({ statuses }) => statuses.length)).toBe(40);
    expect(sum(pass, ({ addresses }) => addresses.length)).toBe(5);
    expect(digest(batches(pass))).toBe(digest(batches(pass)));
  });

  test("goes on from where the one before it ended", () => {
    expect(batchOf(history, "source3", 2).firstId).toBe(1_001);
    expect(batchOf(history, "source3", 3).firstId).toBe(batchOf(history, "source3", 2).lastId + 1);
    expect(orderOf(history, "source3", 1_001).created).toBe("2025-01-01");
    expect(orderOf(history, "source3", 1_011).created).toBe("2025-01-02");
    const changed = (pass: number) =>
      batchOf(history, "source1", pass).statuses.map(({ order_id }) => order_id);
    expect(changed(2).filter((id) => changed(3).includes(id))).toEqual([]);
  });

  test("moves a status one step on, and gives a finished order its day", () => {
    for (const { statuses } of batches(2)) {
      for (const { order_status, order_completion_date } of statuses) {
        expect(["in progress", "delivery", "done"]).toContain(order_status);
        expect(order_completion_date !== null).toBe(order_status === "done");
      }
    }
  });
});
