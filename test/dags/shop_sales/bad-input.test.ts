import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import {
  activityFile,
  lastOf,
  orderFile,
  researchFile,
  type Shop,
  shop,
  type TestOrder,
  uniqId,
} from "./shop.ts";

const day = "2024-10-01";
const orders: readonly TestOrder[] = [1, 2, 3].map((customer) => ({
  uniqId: `o${customer}`,
  customer,
  item: 0,
  amount: 10,
}));
const whole = orderFile(day, orders);
const header = whole.slice(0, whole.indexOf("\n"));
/** A line of a sound order, cells by position replaced. */
const line = (cells: Readonly<Record<number, string>>): string => {
  const sound = `9,${uniqId("x")},${day}T00:00:00,1,City 1,4,First,Last,0,Item 0,1,10.00`;
  return sound
    .split(",")
    .map((cell, at) => cells[at] ?? cell)
    .join(",");
};

let dwh: Shop;
beforeAll(async () => {
  dwh = await shop();
  dwh.give(day, orders);
  await dwh.loadDay(day);
});
beforeEach(() => dwh.empty());
afterAll(() => dwh[Symbol.asyncDispose]());

const reject = async () =>
  dwh.query<{ row_key: string; reason_code: string; payload: Record<string, unknown> }>(
    `select row_key, reason_code, payload from dq.rejected_rows
     where table_name = 'staging.user_order_log' order by row_key`,
  );

test.each([
  [
    "a missing column",
    whole.replaceAll(/,payment_amount|,10$/gm, ""),
    'no column "payment_amount"',
  ],
  ["an empty file", "", "is empty"],
  [
    "a file cut off in a row",
    whole.slice(0, whole.lastIndexOf(",0,")),
    "ends in the middle of record 3",
  ],
  ["a file cut off inside quotes", `${whole}5,"abc`, "cannot be read as CSV"],
  ["the same column twice", whole.replace("id,uniq_id", "city_id,uniq_id"), "two columns"],
  ["another delimiter", whole.replaceAll(",", ";"), "has no column"],
])("%s is an error that names the file, and nothing is stored", async (_, file, said) => {
  dwh.reports.days.set(day, { orders: file });
  const { taskId, error } = lastOf(await dwh.tryDay(day));
  expect(taskId).toBe("upload_increment_data_to_staging");
  expect(error?.message).toContain('File "user_order_log_inc.csv"');
  expect(error?.message).toContain(said);
  expect(await dwh.rowsOf("mart.f_sales")).toEqual([]);
  const log = await dwh.query("select task from etl.run_log where status = 'failed'");
  expect(log).toEqual([{ task: "upload_increment_data_to_staging/user_order_log_inc.csv" }]);
});

test("another encoding is an error that names the file", async () => {
  const increment = dwh.reports.increment.bind(dwh.reports);
  const bytes = Buffer.concat([Buffer.from(whole), Buffer.from([0xcc, 0xee, 0xf1, 0x0a])]);
  dwh.give(day, orders);
  const files = { ...increment(day), "user_order_log_inc.csv": () => [bytes] };
  dwh.reports.increment = () => files as unknown as ReturnType<typeof increment>;
  const { error } = lastOf(await dwh.tryDay(day));
  dwh.reports.increment = increment;
  expect(error?.message).toMatch(/File "user_order_log_inc.csv" is not utf-8/);
});

test("a byte order mark, other line ends, quotes and further columns change nothing", async () => {
  const lines = whole.trim().split("\n");
  const odd = lines.map((one, at) => `${one},${at === 0 ? "comment" : '"a, ""b"""'}`).join("\r\n");
  dwh.reports.days.set(day, { orders: `\ufeff${odd}` });
  await dwh.loadDay(day);
  const odds = await dwh.contentOf("mart.f_sales");
  await dwh.empty();
  dwh.give(day, orders);
  await dwh.loadDay(day);
  expect(odds).toEqual(await dwh.contentOf("mart.f_sales"));
  expect(odds).toHaveLength(3);
});

const wrongRows: readonly (readonly [string, string])[] = [
  ["uniq_id_wrong", line({ 1: "xyz" })],
  ["uniq_id_missing", line({ 1: "" })],
  ["date_time_wrong", line({ 2: "2024-02-30T00:00:00" })],
  ["date_time_wrong", line({ 2: "01.10.2024" })],
  ["wrong_business_date", line({ 2: "2024-10-02T00:00:00" })],
  ["city_id_wrong", line({ 3: "3000000000" })],
  ["customer_id_wrong", line({ 5: "four" })],
  ["first_name_wrong", line({ 6: "x".repeat(101) })],
  ["item_id_missing", line({ 8: "" })],
  ["quantity_wrong", line({ 10: "1.5" })],
  ["payment_amount_wrong", line({ 11: '"12,50"' })],
  ["payment_amount_wrong", line({ 11: "-5" })],
  ["payment_amount_wrong", line({ 11: "1.005" })],
  ["payment_amount_wrong", line({ 11: "123456789.00" })],
  ["payment_amount_missing", line({ 11: "" })],
  ["column_count_wrong", `${line({})},more`],
  ["column_count_wrong", "9,8"],
];

test("each bad row is in the rejects with its reason and its content; the others are stored", async () => {
  const bad = wrongRows.map(([, row]) => row);
  dwh.reports.days.set(day, {
    orders: `${header}\n${bad.join("\n")}\n${whole.slice(header.length + 1)}`,
  });
  const uploaded = (await dwh.loadDay(day)).get("upload_increment_data_to_staging");
  expect(uploaded?.output).toMatchObject({
    user_order_log_inc: { rowsIn: bad.length + 3, rowsOut: 3, rowsRejected: bad.length },
  });
  const found = new Map((await reject()).map((row) => [row.row_key, row.reason_code]));
  expect(bad.map((_, at) => found.get(`${day}/${at + 1}`))).toEqual(
    wrongRows.map(([reason]) => reason),
  );
  const [one] = (await reject()).filter((row) => row.reason_code === "quantity_wrong");
  expect(one?.payload).toMatchObject({ quantity: "1.5", uniq_id: uniqId("x") });
});

test("an unknown status is rejected", async () => {
  dwh.give(day, [...orders, { uniqId: "x", customer: 4, item: 0, amount: 1, status: "lost" }]);
  await dwh.loadDay(day);
  expect(await reject()).toMatchObject([{ row_key: `${day}/4`, reason_code: "status_unknown" }]);
});

test("of two rows with one uniq_id that differ the first is stored, the second rejected", async () => {
  dwh.give(day, [...orders, { uniqId: "o1", customer: 1, item: 0, amount: 11 }]);
  await dwh.loadDay(day);
  expect(await reject()).toMatchObject([
    { row_key: `${day}/4`, reason_code: "conflicting_uniq_id", payload: { payment_amount: 11 } },
  ]);
  const [order] = await dwh.query(
    "select payment_amount from mart.f_sales order by uniq_id limit 1",
  );
  expect(order).toEqual({ payment_amount: "10.00" });
});

test("a uniq_id that is stored under another day is rejected, its copies counted", async () => {
  dwh.give(day, orders);
  await dwh.loadDay(day);
  const again = { uniqId: "o1", customer: 1, item: 0, amount: 10 };
  dwh.give("2024-10-02", [
    again,
    again,
    ...orders.map((order) => ({ ...order, uniqId: `p${order.customer}` })),
  ]);
  const uploaded = (await dwh.loadDay("2024-10-02")).get("upload_increment_data_to_staging");
  expect(uploaded?.output).toMatchObject({
    user_order_log_inc: { rowsIn: 5, rowsOut: 3, rowsRejected: 1, rowsDuplicate: 1 },
  });
  expect(await reject()).toMatchObject([
    { row_key: "2024-10-02/1", reason_code: "duplicate_uniq_id" },
  ]);
});

test("bad rows of the other two files are rejected, theirs too", async () => {
  dwh.reports.days.set(day, {
    orders: whole,
    activity: `${activityFile(day)}7,${uniqId("z")},${day}T00:00:00,x,1,0\n`,
    research: `${researchFile(day)}${day}T00:00:00,1001,1,3,1152\n2024-10-05T00:00:00,1001,1,3,1152\n`,
  });
  await dwh.loadDay(day);
  const found = await dwh.query(
    "select table_name, row_key, reason_code from dq.rejected_rows order by 1, 2",
  );
  expect(found).toEqual([
    {
      table_name: "staging.customer_research",
      row_key: `${day}/2`,
      reason_code: "conflicting_key",
    },
    {
      table_name: "staging.customer_research",
      row_key: `${day}/3`,
      reason_code: "wrong_business_date",
    },
    {
      table_name: "staging.user_activity_log",
      row_key: `${day}/4`,
      reason_code: "action_id_wrong",
    },
  ]);
});

test("a rerun replaces the rejects of its day and leaves those of others", async () => {
  const bad = (id: string): TestOrder => ({ uniqId: id, customer: 4, item: 0, amount: "-1" });
  dwh.give(day, [...orders, bad("b1"), bad("b2")]);
  await dwh.loadDay(day);
  dwh.give(
    "2024-10-02",
    [...orders, bad("b3")].map((order) => ({ ...order, uniqId: `${order.uniqId}n` })),
  );
  await dwh.loadDay("2024-10-02");
  expect(await reject()).toHaveLength(3);
  dwh.give(day, [...orders, bad("b1")]);
  await dwh.loadDay(day);
  expect((await reject()).map(({ row_key }) => row_key)).toEqual(["2024-10-01/4", "2024-10-02/4"]);
});
