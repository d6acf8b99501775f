import { createHash } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { cleanAndValidate } from "../../../dags/shop_events/lib/clean-and-validate.ts";
import { campaigns, money, products } from "../../../dags/shop_events/lib/generator/catalogue.ts";
import { cities, nearestCity } from "../../../dags/shop_events/lib/generator/cities.ts";
import {
  generateMalformed,
  malformedKinds,
} from "../../../dags/shop_events/lib/generator/faults.ts";
import { generateCampaignEvent } from "../../../dags/shop_events/lib/generator/generate-campaign-event.ts";
import {
  drawEventType,
  eventTypes,
  generateEvent,
} from "../../../dags/shop_events/lib/generator/generate-event.ts";
import { generateOrder } from "../../../dags/shop_events/lib/generator/generate-order.ts";
import { generateUser } from "../../../dags/shop_events/lib/generator/generate-user.ts";
import {
  type Audience,
  type BatchOptions,
  produceBatch,
} from "../../../dags/shop_events/lib/generator/produce-batch.ts";
import { Random } from "../../../dags/shop_events/lib/generator/random.ts";
import {
  getCurrencyRates,
  getRandomCity,
  getWeather,
  type Sources,
  syntheticSources,
} from "../../../dags/shop_events/lib/generator/sources.ts";

type Body = Record<string, unknown>;

const now = new Date("2024-06-10T00:00:00Z");
const at = Date.parse("2024-05-01T10:00:00Z");
const audience = (): Audience => ({ active: new Set(), churned: new Set() });
const produce = async (options: Partial<BatchOptions> = {}): Promise<string[]> => {
  const found: string[] = [];
  const all = { scale: "demo", pass: 1, now, audience: audience(), ...options } as const;
  for await (const { value } of produceBatch(all)) found.push(value);
  return found;
};
const digest = (values: readonly string[]): string =>
  createHash("sha256").update(values.join("\n")).digest("hex");
const parsed = (values: readonly string[]): Body[] =>
  values.flatMap((value) => {
    try {
      return [JSON.parse(value) as Body];
    } catch {
      return [];
    }
  });
const idsOf = (bodies: readonly Body[], type: string, field: string): Set<unknown> =>
  new Set(bodies.filter((body) => body["type"] === type).map((body) => body[field]));

describe("a pass", () => {
  test("is the same bytes for the same seed, scale, day and number, and others for another", async () => {
    const first = digest(await produce());
    expect(digest(await produce())).toBe(first);
    expect(digest(await produce({ seed: 43 }))).not.toBe(first);
    expect(digest(await produce({ pass: 2 }))).not.toBe(first);
    expect(digest(await produce({ now: new Date("2024-06-11T00:00:00Z") }))).not.toBe(first);
  });

  test("goes on where the one before ended: no id twice, nobody who is gone, new users", async () => {
    const known = audience();
    const first = parsed(await produce({ audience: known }));
    const gone = new Set(known.churned);
    const seen = new Set([...known.active, ...known.churned]);
    const second = parsed(await produce({ audience: known, pass: 2 }));
    expect(gone.size).toBeGreaterThan(10);
    for (const [type, field] of [
      ["session_start", "session_id"],
      ["order", "order_id"],
    ] as const) {
      const before = idsOf(first, type, field);
      const after = idsOf(second, type, field);
      expect([...after].filter((id) => before.has(id))).toEqual([]);
    }
    const visitors = idsOf(second, "session_start", "user_id");
    expect([...visitors].filter((id) => gone.has(Number(id)))).toEqual([]);
    expect([...idsOf(second, "signup", "user_id")].some((id) => !seen.has(Number(id)))).toBe(true);
  });

  test("of a minute is one user and two events, all of them valid", async () => {
    const values = await produce({ scale: "minute", pass: 28_000_000, users: 1, eventsPerUser: 2 });
    const bodies = parsed(values);
    expect(values.filter((value) => cleanAndValidate(value).table === undefined)).toEqual([]);
    expect(new Set(bodies.map((body) => body["user_id"] ?? "none")).size).toBeLessThanOrEqual(2);
    expect(bodies.filter((body) => body["type"] === "event")).toHaveLength(2);
  });
});

describe("the demo volume has every awkward case", () => {
  let values: string[];
  let bodies: Body[];
  const volume = async (): Promise<Body[]> => {
    values ??= await produce();
    bodies ??= parsed(values);
    return bodies;
  };
  const some = async (found: (body: Body) => boolean): Promise<boolean> =>
    (await volume()).some(found);
  /** Whether, for some order, a message comes before another. */
  const before = async (
    first: (body: Body) => boolean,
    second: (body: Body) => boolean,
    key: string,
  ): Promise<boolean> => {
    const early = new Set<unknown>();
    for (const body of await volume()) {
      if (first(body)) early.add(body[key]);
      else if (second(body) && early.has(body[key])) return true;
    }
    return false;
  };
  const is = (type: string) => (body: Body) => body["type"] === type;

  test("about 20,000 messages of all types", async () => {
    expect((await volume()).length).toBeGreaterThan(18_000);
    expect((await volume()).length).toBeLessThan(23_000);
    const types = new Set((await volume()).map((body) => String(body["type"])));
    expect([...types].toSorted()).toEqual(
      [
        ..."campaign_event churn coupon event order order_item order_status".split(" "),
        ..."session_end session_start signup user_device user_location user_profile".split(" "),
      ].toSorted(),
    );
  });

  test("messages sent twice and events that repeat another", async () => {
    await volume();
    expect(new Set(values).size).toBeLessThan(values.length);
    expect(await some((body) => body["city"] === "Elsewhere")).toBe(true);
  });

  test("out of order: status and item before the order, an old status after a new one, an end before the start", async () => {
    expect(await before(is("order_status"), is("order"), "order_id")).toBe(true);
    expect(await before(is("order_item"), is("order"), "order_id")).toBe(true);
    expect(await before(is("session_end"), is("session_start"), "session_id")).toBe(true);
    const latest = new Map<unknown, string>();
    const olderLater = (await volume()).filter(is("order_status")).some((body) => {
      const known = latest.get(body["order_id"]);
      const generatedAt = String(body["generated_at"]);
      latest.set(body["order_id"], generatedAt);
      return known !== undefined && generatedAt < known;
    });
    expect(olderLater).toBe(true);
  });

  test("events that come late, by no more than three days", async () => {
    let newest = 0;
    let latest = 0;
    for (const body of (await volume()).filter(is("event"))) {
      const time = Date.parse(String(body["timestamp"]));
      if (Number.isNaN(time)) continue;
      newest = Math.max(newest, time);
      latest = Math.max(latest, newest - time);
    }
    const dayMs = 86_400_000;
    expect(latest).toBeGreaterThan(dayMs);
    expect(latest).toBeLessThan(3.1 * dayMs);
  });

  test.each([
    ["gender other", (body: Body) => body["gender"] === "other"],
    ["no weather", (body: Body) => is("event")(body) && body["weather_temp"] === null],
    ["no costs", (body: Body) => body["product_id"] !== null && body["cost_usd"] === null],
    [
      "a campaign without cost",
      (body: Body) => is("campaign_event")(body) && body["cost"] === null,
    ],
    ["an unknown place", (body: Body) => is("user_location")(body) && body["city"] === "Unknown"],
    ["Antarctica", (body: Body) => is("user_location")(body) && body["city"] === "Antarctica"],
    ["an empty place", (body: Body) => is("user_location")(body) && body["city"] === ""],
    ["users who leave", is("churn")],
    [
      "a line above 10,000",
      (body: Body) => Number(body["price_usd"]) * Number(body["quantity"]) > 10_000,
    ],
    ["a negative quantity", (body: Body) => Number(body["quantity"]) < 0],
  ])("%s", async (_name, found) => {
    expect(await some(found)).toBe(true);
  });

  test("sessions without end, with two purchases, over midnight and over the end of a month", async () => {
    const start = new Map<unknown, string>();
    const end = new Map<unknown, string>();
    const purchases = new Map<unknown, Set<unknown>>();
    for (const body of await volume()) {
      const id = body["session_id"];
      if (is("session_start")(body)) start.set(id, String(body["timestamp"]).slice(0, 10));
      if (is("session_end")(body)) end.set(id, String(body["timestamp"]).slice(0, 10));
      if (body["event_type"] === "purchase" && is("event")(body)) {
        purchases.set(id, (purchases.get(id) ?? new Set()).add(body["order_id"]));
      }
    }
    expect([...start.keys()].some((id) => !end.has(id))).toBe(true);
    expect([...purchases.values()].some((orders) => orders.size >= 2)).toBe(true);
    const crossing = [...start].filter(([id, day]) => (end.get(id) ?? day) > day);
    expect(crossing.length).toBeGreaterThan(20);
    expect(crossing.some(([, day]) => day === "2024-05-31")).toBe(true);
  });

  test("a day without sessions, orders without status, all four statuses, several devices", async () => {
    const days = new Set(
      (await volume())
        .filter(is("session_start"))
        .map((body) => String(body["timestamp"]).slice(0, 10)),
    );
    expect(days.size).toBe(29);
    const withStatus = idsOf(await volume(), "order_status", "order_id");
    expect([...idsOf(await volume(), "order", "order_id")].some((id) => !withStatus.has(id))).toBe(
      true,
    );
    expect(idsOf(await volume(), "order_status", "status").size).toBe(4);
    const devices = (await volume()).filter(is("user_device"));
    expect(idsOf(await volume(), "user_device", "user_id").size).toBeLessThan(devices.length);
  });

  test("one session id for a session's edges and its events", async () => {
    const edges = idsOf(await volume(), "session_start", "session_id");
    const inside = [...idsOf(await volume(), "event", "session_id")].filter((id) => id !== null);
    expect(inside.filter((id) => !edges.has(id))).toEqual([]);
  });

  test("malformed messages of every kind", async () => {
    await volume();
    const reasons = new Set(
      values.map((value) => {
        const checked = cleanAndValidate(value);
        return checked.table === undefined ? checked.reasonCode : "";
      }),
    );
    expect([...reasons].toSorted()).toEqual(
      ["", "not_json", "timestamp_invalid", "type_unknown", "user_id_missing"].toSorted(),
    );
    expect(await some((body) => String(body["user_id"]).startsWith("guest-"))).toBe(true);
    expect(await some((body) => is("event")(body) && body["session_id"] === null)).toBe(true);
  });
});

describe("one message", () => {
  const random = () => new Random("test");

  test("generateUser says who, with what and from where, of an adult", async () => {
    const drafts = await generateUser(random(), { userId: 7, at }, syntheticSources);
    const bodies = drafts.map(({ body }) => body as Body);
    expect(bodies.map((body) => body["type"])).toEqual([
      "signup",
      "user_profile",
      "user_device",
      "user_location",
    ]);
    const age = (at - Date.parse(String(bodies[1]?.["birth_date"]))) / (365.25 * 86_400_000);
    expect(age).toBeGreaterThan(18);
    expect(age).toBeLessThan(80);
  });

  test.each(eventTypes)("generateEvent fills what %s has, and nothing else", async (type) => {
    const options = { userId: 7, sessionId: "s", orderId: "o", at, type };
    const { body } = await generateEvent(random(), options, syntheticSources);
    const hasProduct = ["view_product", "add_to_cart", "purchase"].includes(type);
    const hasOrder = ["add_to_cart", "purchase"].includes(type);
    expect(body["product_id"] !== null && body["cost_rub"] !== null).toBe(hasProduct);
    expect(body["order_id"] === "o" && Number(body["quantity"]) >= 1).toBe(hasOrder);
  });

  test("drawEventType draws all thirteen about as often", () => {
    const chance = random();
    const drawn = Array.from({ length: 13_000 }, () => drawEventType(chance));
    for (const type of eventTypes) {
      const count = drawn.filter((one) => one === type).length;
      expect(Math.abs(count - 1_000)).toBeLessThan(150);
    }
  });

  test("generateOrder sells the product of the purchase: total is price times quantity", () => {
    const [product] = products;
    if (product === undefined) throw new Error("no product");
    const options = { orderId: "o", userId: 7, at, product, quantity: 3 };
    const bodies = generateOrder(random(), options).map(({ body }) => body as Body);
    expect(bodies[0]).toMatchObject({ type: "order", total_usd: "5999.97" });
    expect(bodies[1]).toMatchObject({ type: "order_item", product_id: 1, price_usd: "1999.99" });
    expect(bodies[2]).toMatchObject({ type: "order_status", order_id: "o" });
  });

  test("the conversion of an order names its campaign as the campaign is named", () => {
    const [product] = products;
    if (product === undefined) throw new Error("no product");
    const chance = random();
    const orders = Array.from({ length: 50 }, () =>
      generateOrder(chance, { orderId: "o", userId: 7, at, product, quantity: 1 }),
    );
    const pairs = orders.map((drafts) => drafts.map(({ body }) => body as Body));
    const converted = pairs.filter((bodies) => bodies[0]?.["campaign_id"] !== undefined);
    expect(converted.length).toBeGreaterThan(5);
    for (const bodies of converted) {
      const conversion = bodies.find((body) => body["type"] === "campaign_event");
      const campaign = campaigns.find((one) => one.campaignId === bodies[0]?.["campaign_id"]);
      expect(conversion).toMatchObject({
        action: "conversion",
        campaign_id: campaign?.campaignId,
        campaign_name: campaign?.name,
        channel: campaign?.channel,
      });
    }
  });

  test("generateCampaignEvent costs the base, give or take a fifth", () => {
    const chance = random();
    for (const campaign of campaigns) {
      const { body } = generateCampaignEvent(chance, { userId: 7, at, campaign });
      const ratio = (Number((body as Body)["cost"]) * 100) / campaign.cents;
      expect(ratio).toBeGreaterThanOrEqual(0.8);
      expect(ratio).toBeLessThanOrEqual(1.2);
    }
  });

  test.each(malformedKinds)("generateMalformed spoils an event: %s", async (kind) => {
    const options = { userId: 7, sessionId: "s", orderId: "o", at, type: "search" } as const;
    const draft = await generateEvent(random(), options, syntheticSources);
    expect(generateMalformed(draft, kind).body).not.toEqual(draft.body);
  });

  test("fourteen products in ten categories, within the price range", () => {
    expect(products).toHaveLength(14);
    expect(new Set(products.map(({ category }) => category)).size).toBe(10);
    const cents = products.map((product) => product.cents);
    expect([Math.min(...cents), Math.max(...cents)].map(money)).toEqual(["3.65", "1999.99"]);
  });
});

describe("place, weather and rates", () => {
  test("a city of the list is nearest to itself, also across the date line", () => {
    for (const { city, country, lat, lon } of cities) {
      expect(nearestCity(lat, lon)).toEqual({ city, country });
    }
    expect(cities.length).toBeGreaterThanOrEqual(100);
    expect(nearestCity(-18.1, -179.9).city).toBe("Suva");
    expect(nearestCity(-80, 0).city).toBe("Antarctica");
  });

  test("water is tried again five times, and then nobody knows the place", async () => {
    let tries = 0;
    const ocean: Sources = {
      ...syntheticSources,
      place: () => {
        tries += 1;
        return { value: { city: "Bay of Biscay", country: "" }, source: "synthetic" };
      },
    };
    expect(await getRandomCity(new Random("x"), ocean)).toMatchObject({ city: "Unknown" });
    expect(tries).toBe(5);
  });

  test("stand-ins are functions of the request", async () => {
    const request = { lat: 10.5, lon: 20.5, at: new Date(at) };
    expect(await getWeather(syntheticSources, request)).toEqual(
      await getWeather(syntheticSources, request),
    );
    expect(await getCurrencyRates(syntheticSources, new Date(at))).toMatchObject({
      source: "synthetic",
      value: { eur: expect.any(Number), rub: expect.any(Number) },
    });
  });

  test("what nobody knows stays null, never 0", async () => {
    const nobody: Sources = {
      place: () => undefined,
      weather: () => undefined,
      rates: () => undefined,
    };
    const options = { userId: 7, sessionId: "s", orderId: "o", at, type: "purchase" } as const;
    const { body } = await generateEvent(new Random("x"), options, nobody);
    expect(body).toMatchObject({ city: "Unknown", weather_temp: null, cost_eur: null });
    expect(body["cost_usd"]).not.toBeNull();
  });
});
