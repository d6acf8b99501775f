import { afterEach, describe, expect, test } from "@jest/globals";
import { testContext } from "@tidemill/dag-core/testing";
import {
  syntheticPlace,
  yandexGeocoder,
  yandexTraffic,
} from "../../../dags/payments_app/lib/geocode.ts";
import { nbrb, syntheticRates } from "../../../dags/payments_app/lib/rates.ts";
import { type Answer, httpServer } from "../../helpers/http-server.ts";

const secret = "k3y-of-the-test";

afterEach(() => {
  delete process.env["NBRB_URL"];
  delete process.env["YANDEX_GEOCODER_URL"];
  delete process.env["YANDEX_GEOCODER_KEY"];
});

const rate = (code: string, scale: number, official: number) => ({
  Cur_ID: 1,
  Date: "2024-03-05T00:00:00",
  Cur_Abbreviation: code,
  Cur_Scale: scale,
  Cur_Name: code,
  Cur_OfficialRate: official,
});
const place = (pos: string) => ({
  response: {
    GeoObjectCollection: {
      metaDataProperty: { GeocoderResponseMetaData: { found: "1" } },
      featureMember: [
        {
          GeoObject: {
            Point: { pos },
            metaDataProperty: {
              GeocoderMetaData: {
                kind: "house",
                precision: "exact",
                text: "Belarus, Minsk, Lenina 5",
                Address: {
                  country_code: "BY",
                  formatted: "Belarus, Minsk, Lenina 5",
                  Components: [
                    { kind: "country", name: "Belarus" },
                    { kind: "province", name: "Minsk" },
                    { kind: "locality", name: "Minsk" },
                  ],
                },
              },
            },
          },
        },
      ],
    },
  },
});

describe("NBRB", () => {
  const ask = async (answer: Answer) => {
    await using server = await httpServer(answer);
    process.env["NBRB_URL"] = server.url;
    await using ctx = testContext();
    const session = await nbrb.open(ctx, { mode: "auto" });
    const given = await session.get("2024-03-05");
    return { given, requests: server.requests };
  };

  test("good answer: by abbreviation, with the scale; other currencies are left out", async () => {
    const { given, requests } = await ask(() => ({
      body: [rate("USD", 1, 3.2), rate("RUB", 100, 3.5), rate("CNY", 10, 4.4)],
    }));
    expect(given).toEqual({
      source: "live",
      value: [
        { code: "USD", scale: 1, officialRate: "3.2000" },
        { code: "RUB", scale: 100, officialRate: "3.5000" },
      ],
    });
    expect(requests[0]?.url).toBe("/?periodicity=0&ondate=2024-03-05");
  });

  test("empty result: a day without a new rate", async () => {
    expect((await ask(() => ({ body: [] }))).given).toEqual({ source: "live", value: [] });
  });

  test.each<[string, Answer]>([
    ["401", () => ({ status: 401, body: "no" })],
    ["429", () => ({ status: 429, body: "slow down" })],
    ["an error body", () => ({ body: { error: "broken" } })],
    ["a connection that is cut", () => "hang_up"],
  ])("%s: the bundled rates stand in", async (_, answer) => {
    const { given } = await ask(answer);
    expect(given).toEqual({ source: "synthetic", value: syntheticRates("2024-03-05") });
  });

  test("the bundled rates are the same each time; on a Sunday there is none", () => {
    expect(syntheticRates("2024-03-05")).toEqual(syntheticRates("2024-03-05"));
    expect(syntheticRates("2024-03-03")).toEqual([]);
  });
});

describe("Yandex", () => {
  const ask = async (answer: Answer, key = secret) => {
    await using server = await httpServer(answer);
    process.env["YANDEX_GEOCODER_URL"] = server.url;
    process.env["YANDEX_GEOCODER_KEY"] = key;
    await using ctx = testContext();
    const session = await yandexGeocoder.open(ctx, { mode: "auto" });
    const given = await session.get("Minsk, Lenina 5");
    const again = await session.get("Minsk, Lenina 5");
    return { given, again, asked: server.requests, log: JSON.stringify(ctx.logs) };
  };

  test('pos "27.56 53.90" gives lat 53.90, lon 27.56; the same address is asked once', async () => {
    const { given, again, asked } = await ask(() => ({ body: place("27.56 53.90") }));
    expect(given.source).toBe("live");
    expect(given.value).toMatchObject({
      lat: "53.900000",
      lon: "27.560000",
      precision: "exact",
      region: "Minsk",
      city: "Minsk",
    });
    expect(again.value).toEqual(given.value);
    expect(asked).toHaveLength(1);
    expect(asked[0]?.url).toContain("format=json");
  });

  const nothing = { response: { GeoObjectCollection: { featureMember: [] } } };
  test.each<[string, Answer]>([
    ["nothing found", () => ({ body: nothing })],
    ["swapped coordinates out of range", () => ({ body: place("53.90 127.56") })],
    ["401", () => ({ status: 401, body: "no" })],
    ["429", () => ({ status: 429, body: "slow down" })],
    ["a connection that is cut", () => "hang_up"],
  ])("%s: a point inside the region stands in, and the key is in no log", async (_, answer) => {
    const { given, log } = await ask(answer);
    expect(given).toEqual({ source: "synthetic", value: syntheticPlace("Minsk, Lenina 5") });
    expect(log).not.toContain(secret);
  });

  test("without a key nobody is asked", async () => {
    const { given, asked } = await ask(() => ({ body: place("27.56 53.90") }), "");
    expect(given.source).toBe("synthetic");
    expect(asked).toHaveLength(0);
  });

  test("a made-up point lies in the region that the address names", () => {
    const { lat, lon, region, precision } = syntheticPlace("Brest, Sovetskaya 7");
    expect({ region, precision }).toEqual({ region: "Brest region", precision: "synthetic" });
    expect(Number(lat)).toBeGreaterThan(51.5);
    expect(Number(lon)).toBeLessThan(27.6);
  });

  test("traffic is a stub that says so", () => {
    expect(yandexTraffic()).toEqual({ value: null, isStub: true });
  });
});
