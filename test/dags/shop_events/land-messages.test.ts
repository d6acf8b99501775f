import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { testContext } from "@tidemill/dag-core/testing";
import { shopEvents } from "../../../dags/connections.ts";
import { cleanAndValidate } from "../../../dags/shop_events/lib/clean-and-validate.ts";
import { landMessages } from "../../../dags/shop_events/lib/land-messages.ts";
import { produceBatch } from "../../../dags/shop_events/lib/generator/produce-batch.ts";
import { rawTables } from "../../../dags/shop_events/lib/message-types.ts";
import { message, type Warehouse, warehouse } from "./warehouse.ts";

let shop: Warehouse;

beforeEach(async () => {
  shop = await warehouse();
});
afterEach(async () => shop[Symbol.asyncDispose]());

const rawRows = async (): Promise<number> => {
  let rows = 0;
  for (const table of rawTables) {
    const [found] = await shop.query<{ n: number }>(`select count(*)::int as n from raw.${table}`);
    rows += found?.n ?? 0;
  }
  return rows;
};
const thousandValid = async (): Promise<string[]> => {
  const found: string[] = [];
  const audience = { active: new Set<number>(), churned: new Set<number>() };
  const options = { scale: "demo", pass: 1, now: new Date("2024-06-10"), audience } as const;
  for await (const { value } of produceBatch(options)) {
    if (cleanAndValidate(value).table !== undefined) found.push(value);
    if (found.length === 1_000) break;
  }
  return found;
};

test("a thousand valid messages are a thousand rows, and delivered again they add none", async () => {
  const messages = await thousandValid();
  expect(await shop.landAt(0, messages)).toEqual({ rows: 1_000, rejected: 0 });
  expect(await rawRows()).toBe(1_000);
  expect(await shop.landAt(0, messages)).toEqual({ rows: 0, rejected: 0 });
  expect(await rawRows()).toBe(1_000);
});

test("a crash before the commit leaves nothing, and the next time stores all", async () => {
  const batch = [1, 2].map((id) => ({
    partition: 0,
    offset: String(id),
    value: Buffer.from(JSON.stringify(message.profile(id))),
    timestamp: "0",
  }));
  const landOptions = { topic: "user_events", runId: "r", batch };
  await using ctx = testContext({ connections: shop.connections });
  const db = await ctx.open(shopEvents);
  const crash = db.transaction(async (tx) => {
    await landMessages(landOptions)(tx);
    throw new Error("crash");
  });
  await expect(crash).rejects.toThrow("crash");
  expect(await rawRows()).toBe(0);
  await db.transaction(landMessages(landOptions));
  expect(await rawRows()).toBe(2);
});

test("what cannot be stored is in dq.rejected_rows with its place and its text, once", async () => {
  const bad = ["{", '{"type":"coupon"}', "\0{}", '{"type":"signup","user_id":"\\u0000"}', null];
  expect(await shop.landAt(40, bad)).toEqual({ rows: 0, rejected: 5 });
  await shop.landAt(40, bad);
  const rows = await shop.query(
    "select row_key, reason_code, severity, payload->>'value' as value from dq.rejected_rows order by row_key",
  );
  expect(rows).toEqual([
    { row_key: "0/40", reason_code: "not_json", severity: "error", value: "{" },
    { row_key: "0/41", reason_code: "type_unknown", severity: "error", value: '{"type":"coupon"}' },
    { row_key: "0/42", reason_code: "not_json", severity: "error", value: "{}" },
    {
      row_key: "0/43",
      reason_code: "user_id_invalid",
      severity: "error",
      value: '{"type":"signup","user_id":"\\u0000"}',
    },
    { row_key: "0/44", reason_code: "value_missing", severity: "error", value: null },
  ]);
});

test("every message is counted as landed or rejected", async () => {
  await shop.land(message.profile(1), "no json", message.device(1, "2024-05-01T00:00:00Z"));
  expect(await shop.query("select messages, landed, rejected from etl.consumed_messages")).toEqual([
    { messages: "3", landed: "2", rejected: "1" },
  ]);
});

test("nulls stay null: a missing latitude or cost is not 0", async () => {
  await shop.land(message.event(1, 1, "2024-05-01T10:00:00Z", { lat: null, cost_usd: null }));
  expect(await shop.query("select lat, cost_usd, quantity from raw.events")).toEqual([
    { lat: null, cost_usd: null, quantity: null },
  ]);
});
