import type { Provided } from "@tidemill/tasks/http";
import { nearestCity } from "./cities.ts";
import type { Random } from "./random.ts";

export interface Point {
  readonly lat: number;
  readonly lon: number;
}
export interface Place {
  readonly city: string;
  readonly country: string;
}
export interface Weather {
  /** Degrees Celsius. */
  readonly temp: number;
  readonly desc: string;
}
/** Units of a currency for one US dollar. */
export interface Rates {
  readonly eur: number;
  readonly rub: number;
}
export interface WeatherRequest extends Point {
  readonly at: Date;
}

type Answer<Value> = Promise<Provided<Value> | undefined> | Provided<Value> | undefined;

/** Where events get place, weather and prices from; nothing means that nobody knows. */
export interface Sources {
  place(point: Point): Answer<Place>;
  weather(request: WeatherRequest): Answer<Weather>;
  /** @param day `YYYY-MM-DD`. */
  rates(day: string): Answer<Rates>;
}

const dayMs = 86_400_000;
const dayOfYear = (at: Date): number =>
  Math.floor((at.getTime() - Date.UTC(at.getUTCFullYear(), 0, 0)) / dayMs);

const round = (value: number, digits: number): number => Number(value.toFixed(digits));

/** A climate without weather stations: warm at the equator, seasons by hemisphere, a little noise by place. */
export function syntheticWeather({ lat, lon, at }: WeatherRequest): Weather {
  const day = dayOfYear(at);
  const season = Math.cos(((day - 200) / 365) * 2 * Math.PI) * Math.sign(lat || 1);
  const noise = Math.sin(day * 12.9898 + Math.round(lat) * 78.233 + Math.round(lon) * 3.7);
  const temp = 29 - 0.5 * Math.abs(lat) + season * 0.22 * Math.abs(lat) + noise * 5;
  const wet = Math.sin(day * 7.13 + Math.round(lat) * 1.91 + Math.round(lon) * 5.37);
  return { temp: round(temp, 1), desc: describe(temp, wet) };
}

function describe(temp: number, wet: number): string {
  if (wet > 0.6) return temp < 0 ? "snow" : "moderate rain";
  if (wet > 0.25) return temp < 0 ? "light snow" : "light rain";
  return wet > -0.25 ? "scattered clouds" : "clear sky";
}

/** Rates of a bundled table, moved a little by the day so that they are not a constant. */
export function syntheticRates(day: string): Rates {
  const swing = Math.sin(dayOfYear(new Date(`${day}T00:00:00Z`)) / 9);
  return { eur: round(0.92 + 0.015 * swing, 4), rub: round(90 + 2.5 * swing, 4) };
}

const synthetic = <Value>(value: Value): Provided<Value> => ({ value, source: "synthetic" });

/** Answers that are functions of the request: no network, and the same ones each time. */
export const syntheticSources: Sources = {
  place: ({ lat, lon }) => synthetic(nearestCity(lat, lon)),
  weather: (request) => synthetic(syntheticWeather(request)),
  rates: (day) => synthetic(syntheticRates(day)),
};

const water = /\b(ocean|sea|gulf|bay)\b/i;
const mostTries = 5;

export interface Located extends Point, Place {
  readonly source: string | undefined;
}

/** Between the polar circles, where the customers are. */
const randomPoint = (random: Random): Point => ({
  lat: round(random.fraction() * 126 - 56, 4),
  lon: round(random.fraction() * 360 - 180, 4),
});

/**
 * A random point and the city that it belongs to; water is tried again, five times in all.
 *
 * @returns The last point with city and country `Unknown` when none has a name.
 */
export async function getRandomCity(random: Random, sources: Sources): Promise<Located> {
  let point = randomPoint(random);
  for (let tries = 1; tries <= mostTries; tries += 1) {
    const answer = await sources.place(point);
    if (answer !== undefined && !water.test(answer.value.city)) {
      return { ...point, ...answer.value, source: answer.source };
    }
    if (tries < mostTries) point = randomPoint(random);
  }
  return { ...point, city: "Unknown", country: "Unknown", source: undefined };
}

/** The weather at a point; nothing when nobody knows it. */
export const getWeather = async (
  sources: Sources,
  request: WeatherRequest,
): Promise<Provided<Weather> | undefined> => sources.weather(request);

/** Euros and roubles for a dollar on a day; nothing when nobody knows them. */
export const getCurrencyRates = async (
  sources: Sources,
  at: Date,
): Promise<Provided<Rates> | undefined> => sources.rates(at.toISOString().slice(0, 10));
