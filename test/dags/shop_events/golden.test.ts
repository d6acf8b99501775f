import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { message, type Warehouse, warehouse } from "./warehouse.ts";

let shop: Warehouse;

beforeAll(async () => {
  shop = await warehouse();
  await shop.land(
    message.profile(1),
    message.profile(2),
    message.device(1, "2024-05-01T09:00:00Z"),
    message.location(1, "2024-05-01T09:00:00Z"),
    message.start(1, 1, "2024-05-01T10:00:00Z"),
    message.campaign(1, "2024-05-01T10:01:00Z"),
    message.event(1, 1, "2024-05-01T10:03:00Z", {
      event_type: "purchase",
      product_id: 1,
      product_name: "Lamp",
      product_category: "home",
      order_id: message.order(1, 1, "", "").order_id,
      quantity: 2,
      weather_temp: 12.5,
      weather_desc: "clear sky",
      city: "Riga",
    }),
    message.order(1, 1, "2024-05-01T10:03:00Z", "200.00"),
    message.item(1, 1, 2, "100.00"),
    message.status(1, "success", "2024-05-01T10:04:00Z"),
    message.end(1, 1, "2024-05-01T10:05:00Z"),
    message.start(2, 2, "2024-05-01T12:00:00Z"),
    message.order(2, 2, "2024-05-01T12:05:00Z", "50.00"),
    message.status(2, "failed", "2024-05-01T12:06:00Z"),
    message.end(2, 2, "2024-05-01T12:10:00Z"),
    message.start(1, 3, "2024-05-02T09:00:00Z"),
    message.event(1, 3, "2024-05-02T09:01:00Z", {
      event_type: "purchase",
      product_id: 2,
      order_id: message.order(3, 1, "", "").order_id,
      quantity: 3,
    }),
    message.order(3, 1, "2024-05-02T09:01:00Z", "30.00"),
    message.item(3, 2, 3, "10.00"),
    message.status(3, "success", "2024-05-02T09:01:30Z"),
    message.end(1, 3, "2024-05-02T09:02:00Z"),
  );
  await shop.transform();
  // Older than the status that is stored, and later to arrive.
  await shop.land(message.status(1, "pending", "2024-05-01T10:03:00Z"));
  await shop.transform();
});
afterAll(async () => shop[Symbol.asyncDispose]());

test("daily_business_summary", async () => {
  const rest = { unique_customers: "1", new_users: "0" };
  expect(await shop.mart("daily_business_summary")).toEqual([
    {
      event_date: "2024-05-01",
      total_revenue: "200.00",
      total_orders: "2",
      unique_customers: "2",
      avg_order_value: "200.00",
      conversion_rate: "0.5000",
      new_users: "1",
      total_sessions: "2",
      successful_orders: "1",
    },
    {
      ...rest,
      event_date: "2024-05-02",
      total_revenue: "30.00",
      total_orders: "1",
      avg_order_value: "30.00",
      conversion_rate: "1.0000",
      total_sessions: "1",
      successful_orders: "1",
    },
  ]);
});

test("product_performance and category_performance", async () => {
  const products = await shop.mart("product_performance");
  expect(products).toContainEqual({
    product_id: "1",
    product_name: "Lamp",
    category_name: "home",
    total_quantity: "2",
    total_revenue: "200.00",
    avg_price: "100.00",
    orders_count: "1",
    unique_customers: "1",
    event_date: "2024-05-01",
  });
  expect(products).toHaveLength(2);
  expect(await shop.mart("category_performance")).toContainEqual({
    category_name: "Unknown",
    total_quantity: "3",
    total_revenue: "30.00",
    orders_count: "1",
    unique_customers: "1",
    avg_order_value: "30.00",
    event_date: "2024-05-02",
  });
});

test("user_engagement multiplies no source by another", async () => {
  const [first] = await shop.mart("user_engagement");
  expect(first).toEqual({
    user_id: "1",
    sessions_count: "2",
    total_events: "6",
    avg_session_duration_seconds: "210.00",
    avg_pages_per_session: "3.0000",
    first_session_date: "2024-05-01",
    last_session_date: "2024-05-02",
    total_orders: "2",
    total_revenue: "230.00",
    days_since_last_activity: 8,
  });
});

test("active_users_7d", async () => {
  const rows = await shop.mart("active_users_7d");
  const on = (day: string) => {
    const row = rows.find(({ event_date }) => event_date === day);
    return row && Object.values(row).slice(1).join("/");
  };
  // active/returning/new/churned/reactivated/dau
  expect(on("2024-05-01")).toBe("2/0/2/0/0/2");
  expect(on("2024-05-02")).toBe("2/2/0/0/0/1");
  expect(on("2024-05-08")).toBe("1/1/0/1/0/0");
  expect(on("2024-05-09")).toBe("0/0/0/2/0/0");
  expect(rows.at(-1)?.["event_date"]).toBe("2024-05-10");
});

test("campaign_performance credits the last touch of the fortnight", async () => {
  expect(await shop.mart("campaign_performance")).toEqual([
    {
      campaign_id: "camp1",
      campaign_name: "Spring Tide",
      start_date: "2024-05-01",
      end_date: "2024-05-01",
      total_sessions: "1",
      total_orders: "2",
      total_revenue: "230.00",
      unique_users: "1",
      conversion_rate: "2.0000",
      avg_order_value: "115.00",
      cost: "100.00",
      roi: "1.3000",
    },
  ]);
});

test("session_analytics, geo_analysis, device_analysis and weather_visits", async () => {
  const sessions = await shop.mart("session_analytics");
  expect(sessions.map((row) => row["duration_seconds"])).toEqual(
    expect.arrayContaining([300, 600, 120]),
  );
  expect(sessions[0]).toMatchObject({ device_type: "mobile", city: "Riga", conversion_flag: 1 });
  expect(await shop.mart("geo_analysis")).toContainEqual({
    city: "Riga",
    country: "Latvia",
    total_users: "1",
    total_orders: "1",
    total_revenue: "200.00",
    avg_order_value: "200.00",
    conversion_rate: "1.0000",
    event_date: "2024-05-01",
  });
  expect(await shop.mart("device_analysis")).toContainEqual({
    device_type: "Unknown",
    os: "Unknown",
    browser: "Unknown",
    total_users: "1",
    total_sessions: "1",
    total_orders: "0",
    total_revenue: "0",
    avg_session_duration: "600.00",
    conversion_rate: "0",
    event_date: "2024-05-01",
  });
  expect(await shop.mart("weather_visits")).toContainEqual({
    event_date: "2024-05-01",
    city: "Riga",
    temp_band: "10 to 20",
    weather_desc: "clear sky",
    sessions: "1",
    orders: "1",
    conversion: "1.0000",
  });
});

test("clip_outliers cuts conversion and leaves the rest", async () => {
  const [campaign] = await shop.mart("campaign_performance", { clip_outliers: true });
  expect(campaign).toMatchObject({ conversion_rate: "1", total_revenue: "230.00", roi: "1.3000" });
});
