import type { TaskContext } from "@tidemill/dag-core";
import { provider } from "@tidemill/tasks/http";
import { shopEvents } from "../../../connections.ts";
import { nearestCity } from "./cities.ts";
import {
  type Place,
  type Point,
  type Rates,
  type Sources,
  syntheticRates,
  syntheticWeather,
  type Weather,
  type WeatherRequest,
} from "./sources.ts";

const setting = (name: string): string => process.env[name] ?? "";
const isSet = (name: string) => (): boolean => setting(name) !== "";
const rounded = ({ lat, lon }: Point): string => `${lat.toFixed(2)},${lon.toFixed(2)}`;

interface PositionStackAnswer {
  readonly data?: readonly {
    readonly name?: string | null;
    readonly locality?: string | null;
    readonly county?: string | null;
    readonly country?: string | null;
  }[];
}

const geography = provider<Point, Place>({
  name: "positionstack",
  configured: isSet("POSITIONSTACK_KEY"),
  cacheKey: rounded,
  synthetic: ({ lat, lon }) => nearestCity(lat, lon),
  async live({ lat, lon }, { json }) {
    const key = setting("POSITIONSTACK_KEY");
    const { data } = await json<PositionStackAnswer>("https://api.positionstack.com/v1/reverse", {
      query: { access_key: key, query: `${lat},${lon}`, limit: 1 },
      secrets: [key],
    });
    const [found] = data ?? [];
    const city = found?.locality ?? found?.county ?? found?.name;
    return city && found?.country ? { city, country: found.country } : undefined;
  },
});

interface OpenWeatherAnswer {
  readonly main?: { readonly temp?: number };
  readonly weather?: readonly { readonly description?: string }[];
}

const weather = provider<WeatherRequest, Weather>({
  name: "openweather",
  configured: isSet("WEATHER_API_KEY"),
  cacheKey: (request) => `${rounded(request)}@${request.at.toISOString().slice(0, 13)}`,
  synthetic: syntheticWeather,
  async live({ lat, lon }, { json }) {
    const key = setting("WEATHER_API_KEY");
    const answer = await json<OpenWeatherAnswer>(
      "https://api.openweathermap.org/data/2.5/weather",
      { query: { lat, lon, appid: key, units: "metric" }, secrets: [key] },
    );
    const temp = answer.main?.temp;
    const desc = answer.weather?.[0]?.description;
    return temp === undefined || desc === undefined ? undefined : { temp, desc };
  },
});

interface RatesAnswer {
  readonly rates?: { readonly EUR?: number; readonly RUB?: number };
}

const rates = provider<string, Rates>({
  name: "exchange_rates",
  cacheKey: (day) => day,
  synthetic: syntheticRates,
  async live(_day, { json }) {
    const key = setting("CURRENCY_API");
    const answer =
      key === ""
        ? await json<RatesAnswer>("https://open.er-api.com/v6/latest/USD")
        : await json<RatesAnswer>("https://openexchangerates.org/api/latest.json", {
            query: { app_id: key },
            secrets: [key],
          });
    const { EUR: eur, RUB: rub } = answer.rates ?? {};
    return eur === undefined || rub === undefined ? undefined : { eur, rub };
  },
});

/**
 * Place, weather and rates of the real services, each with its cache and its stand-in.
 * Keys: `POSITIONSTACK_KEY`, `WEATHER_API_KEY`, `CURRENCY_API`; `PROVIDER_MODE=offline` asks nobody.
 */
export async function liveSources(ctx: TaskContext): Promise<Sources> {
  const cache = { cache: shopEvents };
  const places = await geography.open(ctx, cache);
  const forecasts = await weather.open(ctx, cache);
  const currencies = await rates.open(ctx, cache);
  return {
    place: (point) => places.get(point),
    weather: (request) => forecasts.get(request),
    rates: (day) => currencies.get(day),
  };
}
