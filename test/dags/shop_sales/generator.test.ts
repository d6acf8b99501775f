import { createHash } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { addDays } from "../../../dags/shop_sales/lib/days.ts";
import {
  historyFiles,
  incrementFiles,
  type ReportFiles,
} from "../../../dags/shop_sales/lib/generator/report-files.ts";
import {
  daysOfHistory,
  daysOfIncrements,
  demoSample,
  type Sample,
  scales,
} from "../../../dags/shop_sales/lib/generator/sample.ts";
import { withCopies } from "../../../dags/shop_sales/lib/generator/with-copies.ts";
import { Random } from "../../../dags/lib/random.ts";

const textOf = (files: ReportFiles | undefined, name: string): string => {
  const make = files?.[name];
  if (make === undefined) throw new Error(`there is no ${name}`);
  return [...make()].join("");
};
/** Records as cells; commas inside quotes are part of a cell. */
const cellsOf = (text: string): string[][] =>
  text
    .trimEnd()
    .split("\n")
    .map(
      (line) => line.match(/("[^"]*"|[^,]*)(,|$)/g)?.map((cell) => cell.replace(/,$/, "")) ?? [],
    );
const rowsOf = (files: ReportFiles | undefined, name: string) => {
  const [header = [], ...rows] = cellsOf(textOf(files, name));
  return rows.map((row) => Object.fromEntries(header.map((column, at) => [column, row[at] ?? ""])));
};
const digest = (sample: Sample): string => {
  const hash = createHash("sha256");
  const all = [
    historyFiles(sample),
    ...daysOfIncrements(sample).map((day) => incrementFiles(sample, day)),
  ];
  for (const files of all) {
    for (const name of Object.keys(files ?? {})) hash.update(name).update(textOf(files, name));
  }
  return hash.digest("hex");
};

const history = historyFiles(demoSample);
const days = daysOfIncrements(demoSample);
const increments = days.map((day) => incrementFiles(demoSample, day));
const orders = rowsOf(history, "user_order_log.csv");
const incrementOrders = increments.map((files) => rowsOf(files, "user_order_log_inc.csv"));
const distinct = (rows: readonly Record<string, string>[]): Record<string, string>[] => [
  ...new Map(rows.map((row) => [row["uniq_id"], row])).values(),
];

describe("the same bytes", () => {
  test("for the same seed, scale, day and pass", () => {
    expect(digest(demoSample)).toBe(digest({ ...demoSample }));
  });

  test("and others for another seed or day", () => {
    const known = [demoSample, { ...demoSample, seed: 43 }, { ...demoSample, today: "2025-01-07" }];
    expect(new Set(known.map(digest)).size).toBe(3);
  });

  test("a second pass adds the increments of seven more days and changes none before", () => {
    const second = { ...demoSample, pass: 2 };
    expect(daysOfIncrements(second)).toEqual([...days, ...days.map((day) => addDays(day, 7))]);
    const day = days[3] ?? "";
    const name = "user_order_log_inc.csv";
    expect(textOf(incrementFiles(second, day), name)).toBe(textOf(increments[3], name));
    expect(incrementFiles(demoSample, addDays(day, 7))).toBeUndefined();
    const added = rowsOf(incrementFiles(second, addDays(day, 7)), name);
    const known = new Set([...orders, ...incrementOrders.flat()].map((row) => row["uniq_id"]));
    // One of them is in history on purpose.
    expect(distinct(added).filter((row) => known.has(row["uniq_id"]))).toHaveLength(1);
  });
});

describe("volumes of the demo", () => {
  test("23 days to today-8, then seven increments to today-1", () => {
    expect(daysOfHistory(demoSample)).toHaveLength(23);
    expect(daysOfHistory(demoSample).at(-1)).toBe(addDays(demoSample.today, -8));
    expect(days).toEqual(Array.from({ length: 7 }, (_, at) => addDays(demoSample.today, at - 7)));
  });

  test("rows and distinct rows of each file", () => {
    const counts = (rows: readonly Record<string, string>[]) => [
      rows.length,
      distinct(rows).length,
    ];
    expect(counts(orders)).toEqual([24_000, 4_000]);
    expect(rowsOf(history, "user_activity_log.csv")).toHaveLength(20_000);
    expect(rowsOf(history, "customer_research.csv")).toHaveLength(690);
    expect(cellsOf(textOf(history, "price_log.csv"))).toHaveLength(12);
    for (const [index, files] of increments.entries()) {
      expect(counts(incrementOrders[index] ?? [])).toEqual([1_000, 250]);
      expect(rowsOf(files, "user_activity_log_inc.csv")).toHaveLength(1_000);
      expect(rowsOf(files, "customer_research_inc.csv")).toHaveLength(30);
    }
  });

  test("the load scale has the rows that were asked for", () => {
    expect(scales.load).toMatchObject({
      customers: 400_000,
      history: {
        orders: { rows: 6_000_000, distinct: 1_000_000 },
        activity: { rows: 3_000_000 },
      },
      increment: { orders: { rows: 300_000, distinct: 50_000 }, activity: { rows: 150_000 } },
    });
    const firsts = Array.from({ length: 700 }, (_, at) => String(at));
    const volume = { rows: 5_000, distinct: 700, hottest: 374, random: new Random("x") };
    const copied = [...withCopies(firsts, volume)];
    expect(copied).toHaveLength(5_000);
    expect(new Set(copied).size).toBe(700);
    expect(copied.filter((row) => row === "0")).toHaveLength(374);
  });
});

describe("Must contain", () => {
  test("copies that differ only in id, one row at least 300 times", () => {
    const copies = new Map<string, number>();
    for (const { id: _id, ...rest } of orders) {
      const key = JSON.stringify(rest);
      copies.set(key, (copies.get(key) ?? 0) + 1);
    }
    expect(copies.size).toBe(4_000);
    expect(Math.max(...copies.values())).toBeGreaterThanOrEqual(300);
    expect(new Set(orders.map((row) => row["id"])).size).toBe(orders.length);
  });

  test("an increment row whose uniq_id is in history", () => {
    const known = new Set(orders.map((row) => row["uniq_id"]));
    for (const rows of incrementOrders) {
      expect(distinct(rows).filter((row) => known.has(row["uniq_id"]))).toHaveLength(1);
    }
  });

  test("no status in history and the first 4 increments, 3-6 % refunded in the last 3", () => {
    const before = [orders, ...incrementOrders.slice(0, 4)];
    expect(before.filter((rows) => "status" in (rows[0] ?? {}))).toEqual([]);
    for (const rows of incrementOrders.slice(4)) {
      const refunded = distinct(rows).filter((row) => row["status"] === "refunded");
      const share = refunded.length / distinct(rows).length;
      expect(share).toBeGreaterThanOrEqual(0.03);
      expect(share).toBeLessThanOrEqual(0.06);
      expect(refunded.every((row) => Number(row["payment_amount"]) > 0)).toBe(true);
    }
  });

  test("a customer with refunds only", () => {
    const all = [...orders, ...incrementOrders.flat()].filter(
      (row) => row["customer_id"] === "1800",
    );
    expect(all.length).toBeGreaterThan(0);
    expect(all.every((row) => row["status"] === "refunded")).toBe(true);
  });

  test("in the last week an item with only refunds, and one whose buyers all come back", () => {
    const week = distinct(incrementOrders.flat()).filter(
      (row) => (row["date_time"] ?? "") >= "2024-10-14",
    );
    const ofItem = (item: string) => week.filter((row) => row["item_id"] === item);
    expect(ofItem("10").length).toBeGreaterThan(0);
    expect(ofItem("10").every((row) => row["status"] === "refunded")).toBe(true);
    const bought = new Map<string, number>();
    for (const { customer_id = "" } of ofItem("11")) {
      bought.set(customer_id, (bought.get(customer_id) ?? 0) + 1);
    }
    expect(bought.size).toBeGreaterThan(0);
    expect([...bought.values()].every((count) => count > 1)).toBe(true);
  });

  test("about half of the customers with changing names and cities, two rows of one day that disagree", () => {
    const seen = new Map<string, Set<string>>();
    const days = new Map<string, Set<string>>();
    for (const row of orders) {
      const who = [row["first_name"], row["last_name"], row["city_id"]].join("/");
      const { customer_id = "", date_time = "" } = row;
      const day = `${customer_id}/${date_time}`;
      seen.set(customer_id, (seen.get(customer_id) ?? new Set()).add(who));
      days.set(day, (days.get(day) ?? new Set()).add(who));
    }
    const changing = [...seen.values()].filter((names) => names.size > 1).length / seen.size;
    expect(changing).toBeGreaterThan(0.3);
    expect(changing).toBeLessThan(0.7);
    expect([...days.values()].some((names) => names.size > 1)).toBe(true);
  });

  test("zero ids and quantities, a last name over 15 characters", () => {
    const activity = rowsOf(history, "user_activity_log.csv");
    expect(orders.some((row) => row["item_id"] === "0")).toBe(true);
    expect(activity.some((row) => row["action_id"] === "0")).toBe(true);
    expect(new Set(activity.map((row) => row["quantity"])).size).toBe(25);
    expect(activity.some((row) => row["quantity"] === "0")).toBe(true);
    expect(orders.some((row) => (row["last_name"] ?? "").length > 15)).toBe(true);
  });

  test("amounts are quantity times price, research is quantity times 384", () => {
    const prices = new Map(
      cellsOf(textOf(history, "price_log.csv")).map(([name, price]) => [name, Number(price)]),
    );
    for (const row of orders.slice(0, 500)) {
      const total = Number(row["quantity"]) * (prices.get(row["item_name"] ?? "") ?? 0);
      expect(row["payment_amount"]).toBe(total.toFixed(2));
    }
    for (const row of rowsOf(history, "customer_research.csv")) {
      expect(Number(row["sales_amt"])).toBe(Number(row["sales_qty"]) * 384);
    }
  });
});
