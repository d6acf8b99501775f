import { createHash } from "node:crypto";
import type { TaskContext } from "@tidemill/dag-core";
import { provider, type ProviderMode, type ProviderSource } from "@tidemill/tasks/http";
import { paymentsApp } from "../../connections.ts";
import { allStored, type LoadCounts } from "../../lib/load-counts.ts";
import { batchOf } from "./batch.ts";
import { logged } from "./logged.ts";
import { placeOf } from "./regions.ts";
import { sql } from "./sql.ts";

export interface Place {
  readonly formatted: string;
  /** Degrees, six decimals. */
  readonly lat: string;
  readonly lon: string;
  readonly precision: string;
  readonly region: string | null;
  readonly city: string | null;
}

interface Component {
  readonly kind: string;
  readonly name: string;
}

/** The part of Yandex's answer that is read. */
export interface YandexAnswer {
  readonly response: {
    readonly GeoObjectCollection: {
      readonly featureMember: readonly {
        readonly GeoObject: {
          readonly Point: { readonly pos: string };
          readonly metaDataProperty: {
            readonly GeocoderMetaData: {
              readonly precision: string;
              readonly text: string;
              readonly Address: {
                readonly formatted: string;
                readonly Components: readonly Component[];
              };
            };
          };
        };
      }[];
    };
  };
}

const isWithin = (value: number, limit: number): boolean =>
  Number.isFinite(value) && Math.abs(value) <= limit;

/** Nothing for an address that was not found; `pos` is longitude and latitude, in this order. */
function placeOfAnswer(answer: YandexAnswer): Place | undefined {
  const [first] = answer.response.GeoObjectCollection.featureMember;
  if (first === undefined) return undefined;
  const { Point, metaDataProperty } = first.GeoObject;
  const { precision, Address } = metaDataProperty.GeocoderMetaData;
  const [lon = Number.NaN, lat = Number.NaN] = Point.pos.split(" ").map(Number);
  if (!isWithin(lat, 90) || !isWithin(lon, 180)) return undefined;
  const nameOf = (kind: string): string | null =>
    Address.Components.findLast((component) => component.kind === kind)?.name ?? null;
  return {
    formatted: Address.formatted,
    lat: lat.toFixed(6),
    lon: lon.toFixed(6),
    precision,
    region: nameOf("province"),
    city: nameOf("locality"),
  };
}

/** A point inside the region that the address names, the same one each time. */
export function syntheticPlace(address: string): Place {
  const { region, city, box } = placeOf(address);
  const [south, north, west, east] = box;
  const digest = createHash("sha256").update(address.toLowerCase()).digest();
  const share = (at: number): number => digest.readUInt16BE(at) / 65_536;
  return {
    formatted: address,
    lat: (south + (north - south) * share(0)).toFixed(6),
    lon: (west + (east - west) * share(2)).toFixed(6),
    precision: "synthetic",
    region,
    city,
  };
}

const key = (): string => process.env["YANDEX_GEOCODER_KEY"] ?? "";

const address = (): string =>
  process.env["YANDEX_GEOCODER_URL"] ?? "https://geocode-maps.yandex.ru/1.x/";

/** Coordinates of an address by Yandex; needs `YANDEX_GEOCODER_KEY`. */
export const yandexGeocoder = provider<string, Place>({
  name: "yandex_geocoder",
  cacheKey: (address) => address.toLowerCase(),
  configured: () => key() !== "",
  live: async (geocode, { json }) =>
    placeOfAnswer(
      await json<YandexAnswer>(address(), {
        query: { apikey: key(), geocode, lang: "ru_RU", format: "json", results: 1 },
        secrets: [key()],
      }),
    ),
  synthetic: syntheticPlace,
});

/** Traffic around a point. No public service gives it, so that there is no value yet. */
export const yandexTraffic = (): { readonly value: null; readonly isStub: true } => ({
  value: null,
  isStub: true,
});

type GeocodeContext = TaskContext<{
  batchDt?: string | undefined;
  since?: string | undefined;
  providers?: ProviderMode | undefined;
}>;

interface NewAddress {
  readonly address_hash: string;
  readonly raw: string;
}

/** Looks up the staged addresses that have never been seen; an address costs one request in its life. */
export function geocodeNew(ctx: GeocodeContext): Promise<LoadCounts> {
  return logged(ctx, batchOf(ctx).batchDt, async () => {
    const { providers: mode } = ctx.params;
    const db = await ctx.open(paymentsApp);
    const { rows } = await sql.run<NewAddress>(db, "transform/dimention/new_addresses.sql");
    const session = await yandexGeocoder.open(ctx, { cache: paymentsApp, ...(mode && { mode }) });
    const places: (NewAddress & Place & { readonly source: ProviderSource })[] = [];
    for (const address of rows) {
      ctx.signal.throwIfAborted();
      const { value, source } = await session.get(address.raw);
      places.push({ ...address, ...value, source });
    }
    await ctx.transaction(paymentsApp, "dim_address", async (tx) => {
      const values = { places: JSON.stringify(places) };
      await sql.run(tx, "transform/dimention/dim_address.sql", values);
      return null;
    });
    ctx.log.info("addresses", session.counts);
    return allStored(places.length);
  });
}
