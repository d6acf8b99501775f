import { describe, expect, test } from "@jest/globals";
import { cleanAndValidate } from "../../../dags/shop_events/lib/clean-and-validate.ts";
import { message } from "./warehouse.ts";

const check = (body: unknown) =>
  cleanAndValidate(typeof body === "string" ? body : JSON.stringify(body));
const event = message.event(7, 1, "2024-05-01T10:00:00Z");

describe("a message that no raw table can hold has a reason", () => {
  test.each([
    ["half of an object", '{"type":"event","user_id"', "not_json"],
    ["an empty text", "", "not_json"],
    ["a list", "[]", "not_an_object"],
    ["a number", "7", "not_an_object"],
    ["null", "null", "not_an_object"],
    ["no type", { user_id: 1 }, "type_unknown"],
    ["a type of another shop", { ...event, type: "coupon" }, "type_unknown"],
    ["a type of every object", { ...event, type: "constructor" }, "type_unknown"],
    ["no user", { ...event, user_id: undefined }, "user_id_missing"],
    ["an empty user", { ...event, user_id: "" }, "user_id_missing"],
    ["a user that is an object", { ...event, user_id: {} }, "user_id_invalid"],
    ["no event type", { ...event, event_type: null }, "event_type_missing"],
    ["no time", { ...event, timestamp: null }, "timestamp_missing"],
    ["a time in words", { ...event, timestamp: "yesterday" }, "timestamp_invalid"],
    ["the 30th of February", { ...event, timestamp: "2024-02-30T10:00:00" }, "timestamp_invalid"],
    ["hour 25", { ...event, timestamp: "2024-05-01T25:00:00" }, "timestamp_invalid"],
    ["year 0", { ...event, timestamp: "0000-05-01T10:00:00" }, "timestamp_invalid"],
    ["a quantity in words", { ...event, quantity: "two" }, "quantity_invalid"],
    ["a quantity beyond int", { ...event, quantity: 3_000_000_000 }, "quantity_invalid"],
    ["a cost that is no number", { ...event, cost_usd: "NaN" }, "cost_usd_invalid"],
    ["a cost beyond numeric", { ...event, cost_usd: 1e30 }, "cost_usd_invalid"],
    ["a latitude in words", { ...event, lat: "north" }, "lat_invalid"],
    ["heat beyond numeric", { ...event, weather_temp: 1200 }, "weather_temp_invalid"],
    ["a NUL in a text", { ...event, city: "a\0b" }, "city_invalid"],
    [
      "no total",
      { ...message.order(1, 1, "2024-05-01", ""), total_usd: null },
      "total_usd_missing",
    ],
    ["a status of another shop", message.status(1, "lost", "2024-05-01"), "status_invalid"],
    ["no product", { ...message.item(1, 1, 1, "1.00"), product_id: null }, "product_id_missing"],
  ])("%s", (_name, body, reasonCode) => {
    expect(check(body)).toEqual({ reasonCode });
  });

  test("no value at all", () => {
    expect(cleanAndValidate(null)).toEqual({ reasonCode: "value_missing" });
  });
});

describe("a message that fits becomes a row of its table", () => {
  test("types that are events keep their name", () => {
    expect(check(message.start(7, 1, "2024-05-01T10:00:00Z"))).toMatchObject({
      table: "events",
      row: { event_type: "session_start", user_id: "7", timestamp: "2024-05-01T10:00:00" },
    });
  });

  test.each([
    ["2024-05-01T10:00:00Z", "2024-05-01T10:00:00"],
    ["2024-05-01 10:00:00.123456", "2024-05-01 10:00:00.123456"],
    ["2024-05-01T10:00:00+03:00", "2024-05-01T07:00:00.000"],
    ["2024-05-01T01:00:00.500-0230", "2024-05-01T03:30:00.500"],
  ])("time %s is %s in UTC", (given, expected) => {
    const checked = check({ ...event, timestamp: given });
    expect(checked.table === "events" && checked.row["timestamp"]).toBe(expected);
  });

  test("money stays text, digit for digit, also when it came as a number", () => {
    const checked = check({ ...event, cost_usd: "1999.99", cost_eur: 0.1, cost_rub: -3 });
    expect(checked).toMatchObject({
      row: { cost_usd: "1999.99", cost_eur: "0.1", cost_rub: "-3" },
    });
  });

  test("half of a surrogate pair is replaced", () => {
    expect(check({ ...event, city: "x\ud800" })).toMatchObject({ row: { city: "x\ufffd" } });
  });

  test("only known sources of known things are kept", () => {
    const enrich_source = { geo: "live", weather: "\0", rate: "guess", more: "live" };
    expect(check({ ...event, enrich_source })).toMatchObject({
      row: { enrich_source: { geo: "live" } },
    });
  });
});
