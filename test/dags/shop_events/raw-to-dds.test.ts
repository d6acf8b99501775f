import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { testContext } from "@tidemill/dag-core/testing";
import { ddsLoad } from "../../../dags/shop_events/lib/dds-load.ts";
import { produceBatch } from "../../../dags/shop_events/lib/generator/produce-batch.ts";
import { message, orderId, sessionId, type Warehouse, warehouse } from "./warehouse.ts";

let shop: Warehouse;

beforeEach(async () => {
  shop = await warehouse();
});
afterEach(async () => shop[Symbol.asyncDispose]());

const at = (time: string): string => `2024-05-01T${time}Z`;
const rejects = () =>
  shop.query<{ table_name: string; reason_code: string; severity: string }>(
    "select table_name, reason_code, severity from dq.rejected_rows order by rejected_row_id",
  );
const statusOf = async (id: number): Promise<string | undefined> =>
  (
    await shop.query<{ status: string }>("select status from dds.orders where order_id = $1", [
      orderId(id),
    ])
  )[0]?.status;

/** Every dds table as text, without the serial keys, which tell the order of loads. */
const content = async (target: Warehouse): Promise<Record<string, string>> => {
  const tables: Record<string, string> = {
    users: "user_id, name, email, birth_date, gender, city, country",
    events:
      'user_id, event_type, "timestamp", session_id, product_id, product_name, order_id, quantity, cost_usd, cost_eur, cost_rub, weather_temp, weather_desc, city, country, lat, lon',
    sessions: "session_id, user_id, start_ts, end_ts, event_count, page_views_count, orders_count",
    orders: "order_id, user_id, order_ts, total_usd, status, campaign_id",
    order_items: "order_id, product_id, quantity, price_usd",
    order_status_events: "order_id, status, generated_at",
    products:
      "product_id, product_name, (select category_name from dds.categories c where c.category_id = t.category_id)",
    user_devices: "user_id, device_type, os, browser, last_seen_at",
    user_locations: "user_id, city, country, lat, lon, last_seen_at",
    campaigns: "campaign_id, campaign_name, channel",
    campaign_events: "user_id, campaign_id, action, cost, generated_at",
  };
  const found: Record<string, string> = {};
  for (const [table, columns] of Object.entries(tables)) {
    const [row] = await target.query<{ text: string }>(
      `select string_agg(r::text, e'\\n' order by r::text) as text from (select ${columns} from dds.${table} t) r`,
    );
    found[table] = row?.text ?? "";
  }
  return found;
};
const demo = async (): Promise<string[]> => {
  const audience = { active: new Set<number>(), churned: new Set<number>() };
  const found: string[] = [];
  const options = { scale: "demo", pass: 1, now: new Date("2024-06-10"), audience } as const;
  for await (const { value } of produceBatch(options)) found.push(value);
  return found;
};

describe("loads can be cut into any pieces", () => {
  test("five hourly runs give what one gives, and another run changes nothing", async () => {
    const messages = (await demo()).slice(0, 8_000);
    await using inPieces = await warehouse();
    for (let from = 0; from < messages.length; from += 1_777) {
      await inPieces.land(...messages.slice(from, from + 1_777));
      await inPieces.transform();
    }
    await shop.land(...messages);
    await shop.transform();
    const once = await content(shop);
    expect(await content(inPieces)).toEqual(once);
    const again = await shop.transform();
    expect(Object.values(again).map(({ rowsOut }) => rowsOut)).toEqual(Array(11).fill(0));
    expect(await content(shop)).toEqual(once);
  });

  test("a run for a past interval repairs it, changes nothing else and moves no watermark", async () => {
    await shop.land(...(await demo()).slice(0, 3_000));
    await shop.transform();
    const before = await content(shop);
    const marks = await shop.query("select * from etl.watermarks order by 1, 2");
    await shop.query(
      "delete from dds.events where \"timestamp\" >= '2024-05-12' and \"timestamp\" < '2024-05-13'",
    );
    const dataInterval = { start: "2024-05-12", end: "2024-05-13" };
    const counts = await shop.transform({ mode: "interval", dataInterval });
    expect(counts.validateAndLoadEvents.rowsOut).toBeGreaterThan(0);
    expect(await content(shop)).toEqual(before);
    expect(await shop.query("select * from etl.watermarks order by 1, 2")).toEqual(marks);
  });

  test("rows that came before what they refer to wait, and go in when it is there", async () => {
    await shop.land(
      message.status(1, "success", at("10:04:00")),
      message.item(1, 3, 1, "5.00"),
      message.event(1, 1, at("10:00:00")),
      message.order(1, 2, at("10:00:00"), "5.00"),
    );
    await shop.transform();
    expect((await rejects()).map(({ reason_code }) => reason_code).toSorted()).toEqual([
      "order_missing",
      "order_missing",
      "user_missing",
    ]);
    await shop.land(message.profile(2));
    await shop.transform();
    expect(await rejects()).toEqual([]);
    expect(await statusOf(1)).toBe("success");
    expect(await shop.query("select price_usd from dds.order_items")).toEqual([
      { price_usd: "5.00" },
    ]);
  });
});

describe("users", () => {
  test("keep what a newer profile does not say; gender other is none", async () => {
    await shop.land(message.profile(1, { gender: "male" }));
    await shop.transform();
    const newer = { generated_at: "2024-05-03T00:00:00Z" };
    await shop.land(message.profile(1, { ...newer, name: null, email: "new@x", gender: "other" }));
    await shop.transform();
    expect(await shop.query("select name, email, gender from dds.users")).toEqual([
      { name: "User 1", email: "new@x", gender: "male" },
    ]);
  });

  test("an older profile that arrives later takes nothing back", async () => {
    await shop.land(message.profile(1, { generated_at: "2024-05-03T00:00:00Z", name: "New" }));
    await shop.transform();
    await shop.land(message.profile(1, { generated_at: "2024-05-02T00:00:00Z", name: "Old" }));
    await shop.transform();
    expect(await shop.query("select name from dds.users")).toEqual([{ name: "New" }]);
  });

  test("come from real events too, but not from the edges of a session", async () => {
    await shop.land(
      message.event(1, 1, at("10:00:00"), { event_type: "search" }),
      message.start(2, 2, at("10:00:00")),
      { type: "signup", user_id: 3, timestamp: at("10:00:00") },
    );
    await shop.transform();
    expect(await shop.query("select user_id from dds.users")).toEqual([{ user_id: "1" }]);
  });

  test("have the city of their latest place", async () => {
    await shop.land(message.profile(1), message.location(1, at("10:00:00")));
    await shop.transform();
    const oslo = { city: "Oslo", country: "Norway" };
    await shop.land(message.location(1, at("12:00:00"), oslo));
    await shop.land(message.location(1, at("11:00:00"), { city: "Rome", country: "Italy" }));
    await shop.transform();
    expect(await shop.query("select city, country from dds.users")).toEqual([oslo]);
    expect(await shop.query("select 1 from dds.user_locations")).toHaveLength(3);
  });
});

describe("events", () => {
  const spoilt = (fields: object) => message.event(1, 1, at("10:00:00"), fields);

  test.each([
    ["user_id_invalid", { user_id: "guest-1" }],
    ["user_id_invalid", { user_id: "0" }],
    ["user_id_invalid", { user_id: -5 }],
    ["session_id_missing", { session_id: null }],
    ["session_id_invalid", { session_id: "a0000000-0000-4000-8000-00000000000g" }],
    ["session_id_invalid", { session_id: "--------_----_----_----_------------" }],
    ["session_id_invalid", { session_id: "-a000000-0000-4000-8000-00000000000-" }],
    ["order_id_invalid", { order_id: "o-1" }],
    ["quantity_not_positive", { quantity: -2 }],
    ["cost_negative", { cost_eur: "-0.01" }],
    ["coordinates_out_of_range", { lat: 90.5, lon: 0 }],
  ])("%s: %j is refused with one row", async (reason, fields) => {
    await shop.land(message.profile(1), spoilt(fields));
    const { validateAndLoadEvents } = await shop.transform();
    expect(validateAndLoadEvents).toMatchObject({ rowsIn: 1, rowsOut: 0, rowsRejected: 1 });
    await shop.transform();
    expect(await rejects()).toEqual([
      { table_name: "dds.events", reason_code: reason, severity: "error" },
    ]);
  });

  test("of other types are filtered and counted, repeated ones are duplicates", async () => {
    await shop.land(
      message.profile(1),
      message.event(1, 1, at("10:00:00"), { city: "first" }),
      message.event(1, 1, at("10:00:00"), { city: "second" }),
      message.event(1, 1, at("10:00:00"), { event_type: "logout" }),
      { type: "signup", user_id: 1, timestamp: at("09:00:00") },
    );
    const { validateAndLoadEvents } = await shop.transform();
    expect(validateAndLoadEvents).toEqual({
      rowsIn: 4,
      rowsOut: 2,
      rowsRejected: 0,
      rowsDuplicate: 1,
      rowsFiltered: 1,
    });
    expect(await shop.query("select city from dds.events where event_type = 'view_page'")).toEqual([
      { city: "first" },
    ]);
  });

  test("that come days late land on their own day, and change their session", async () => {
    await shop.land(
      message.profile(1),
      message.start(1, 1, at("23:58:00")),
      message.event(1, 1, "2024-05-02T00:01:00Z"),
    );
    await shop.transform();
    await shop.land(message.event(1, 1, at("23:59:00")), message.end(1, 1, "2024-05-02T00:03:00Z"));
    await shop.transform();
    expect(
      await shop.query(
        "select session_id, start_ts::text, end_ts::text, event_count, page_views_count from dds.sessions",
      ),
    ).toEqual([
      {
        session_id: sessionId(1),
        start_ts: "2024-05-01 23:58:00",
        end_ts: "2024-05-02 00:03:00",
        event_count: 4,
        page_views_count: 2,
      },
    ]);
  });
});

describe("orders", () => {
  test.each([
    [
      "the older one later",
      [
        ["success", "10:05:00"],
        ["pending", "10:01:00"],
      ],
      "success",
    ],
    [
      "a newer one later",
      [
        ["success", "10:05:00"],
        ["cancelled", "11:00:00"],
      ],
      "cancelled",
    ],
    [
      "back to pending",
      [
        ["failed", "10:05:00"],
        ["pending", "11:00:00"],
      ],
      "pending",
    ],
    [
      "two at one moment",
      [
        ["failed", "10:05:00"],
        ["success", "10:05:00"],
      ],
      "success",
    ],
  ] as const)("the latest status holds: %s", async (_name, statuses, expected) => {
    await shop.land(message.profile(1), message.order(1, 1, at("10:00:00"), "5.00"));
    for (const [status, time] of statuses) {
      await shop.land(message.status(1, status, at(time)));
      await shop.transform();
    }
    expect(await statusOf(1)).toBe(expected);
  });

  test("without a status are pending, and delivered twice they keep the one they have", async () => {
    const order = message.order(1, 1, at("10:00:00"), "5.00", { campaign_id: "camp2" });
    await shop.land(message.profile(1), order);
    await shop.transform();
    expect(await statusOf(1)).toBe("pending");
    await shop.land(message.status(1, "success", at("10:05:00")));
    await shop.transform();
    await shop.land(order);
    await shop.transform();
    expect(await shop.query("select status, campaign_id from dds.orders")).toEqual([
      { status: "success", campaign_id: "camp2" },
    ]);
  });

  test("lines above 10,000 count, with a warning; lines of nothing are refused", async () => {
    await shop.land(
      message.profile(1),
      message.order(1, 1, at("10:00:00"), "11999.94"),
      message.item(1, 1, 6, "1999.99"),
      message.item(1, 1, 6, "1999.99"),
      message.item(1, 2, 0, "1.00"),
      message.item(1, 3, 1, "-1.00"),
    );
    const { loadOrderItems } = await shop.transform();
    expect(loadOrderItems).toMatchObject({
      rowsIn: 4,
      rowsOut: 1,
      rowsRejected: 2,
      rowsDuplicate: 1,
    });
    expect((await rejects()).map(({ reason_code }) => reason_code).toSorted()).toEqual([
      "line_above_10000",
      "line_above_10000",
      "price_negative",
      "quantity_not_positive",
    ]);
  });
});

test("campaigns have their latest name; costs that are missing follow the action", async () => {
  const action = (name: string, time: string, fields: object = {}) =>
    message.campaign(1, at(time), { action: name, cost: null, ...fields });
  await shop.land(
    message.profile(1),
    action("view", "10:00:00"),
    action("click", "10:01:00", { campaign_name: "Newer", channel: "search" }),
    action("conversion", "10:00:30"),
    action("purchase", "10:00:40"),
    action("hover", "10:00:50"),
    action("view", "10:00:00"),
  );
  const { loadCampaignEvents } = await shop.transform();
  expect(loadCampaignEvents).toMatchObject({ rowsIn: 6, rowsOut: 5, rowsDuplicate: 1 });
  expect(await shop.query("select campaign_name, channel from dds.campaigns")).toEqual([
    { campaign_name: "Newer", channel: "search" },
  ]);
  expect(
    await shop.query("select action, cost from dds.campaign_events order by generated_at"),
  ).toEqual([
    { action: "view", cost: "0.10" },
    { action: "conversion", cost: "1.00" },
    { action: "purchase", cost: "1.00" },
    { action: "hover", cost: "0.05" },
    { action: "click", cost: "0.30" },
  ]);
});

test("products take the names that events know, and Unknown until one does", async () => {
  const view = (time: string, fields: object) =>
    message.event(1, 1, at(time), { event_type: "view_product", product_id: 9, ...fields });
  const product =
    "select product_name, category_name from dds.products join dds.categories using (category_id)";
  await shop.land(message.profile(1), view("10:00:00", {}));
  await shop.transform();
  expect(await shop.query(product)).toEqual([
    { product_name: "Unknown", category_name: "Unknown" },
  ]);
  await shop.land(view("10:01:00", { product_name: "Mat", product_category: "sports" }));
  await shop.transform();
  expect(await shop.query(product)).toEqual([{ product_name: "Mat", category_name: "sports" }]);
});

test("a load that fails changes nothing and leaves its error in the run log", async () => {
  await shop.land(message.profile(1));
  await using ctx = testContext({ connections: shop.connections, runId: "broken" });
  const broken = ddsLoad(ctx, {
    target: "dds.users",
    sources: ["raw.user_profiles"],
    file: "transform/dds/users.sql",
  });
  await expect(broken).rejects.toThrow("raw_user_locations_from");
  expect(await shop.query("select last_id from etl.watermarks")).toEqual([]);
  expect(
    await shop.query("select run_id, status, error from etl.run_log where status = 'failed'"),
  ).toEqual([
    {
      run_id: "broken",
      status: "failed",
      error: expect.stringContaining("raw_user_locations_from"),
    },
  ]);
});
