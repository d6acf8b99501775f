import { money, type Product, products } from "./catalogue.ts";
import { type Draft, instant } from "./draft.ts";
import type { Random } from "./random.ts";
import { getCurrencyRates, getRandomCity, getWeather, type Sources } from "./sources.ts";

export const eventTypes = [
  "session_start",
  "session_end",
  "view_page",
  "view_product",
  "add_to_cart",
  "remove_from_cart",
  "purchase",
  "payment_success",
  "search",
  "filter",
  "login",
  "logout",
  "signup",
] as const;
export type EventType = (typeof eventTypes)[number];

const withProduct: ReadonlySet<string> = new Set(["view_product", "add_to_cart", "purchase"]);
const withOrder: ReadonlySet<string> = new Set(["add_to_cart", "purchase"]);
/** How often weather or prices are missing where faults are mixed in. */
const missing = 0.02;

export interface EventOptions {
  readonly userId: number;
  readonly sessionId: string;
  /** The order that the session is filling. */
  readonly orderId: string;
  readonly at: number;
  readonly type: EventType;
  /** Bought instead of a random product and quantity. */
  readonly line?: { readonly product: Product; readonly quantity: number };
  readonly faults?: boolean;
}

/** An event, with what a purchase bought. */
export interface GeneratedEvent extends Draft {
  readonly body: Readonly<Record<string, unknown>>;
  readonly product: Product | undefined;
  readonly quantity: number | undefined;
}

/** Any type, each as likely as the others, except that a purchase may weigh more. */
export const drawEventType = (random: Random, purchaseWeight = 1): EventType =>
  random.weighted(eventTypes.map((type) => [type, type === "purchase" ? purchaseWeight : 1]));

async function costs(
  product: Product | undefined,
  at: number,
  sources: Sources,
): Promise<{ fields: object; source: string | undefined }> {
  if (product === undefined) {
    return { fields: { cost_usd: null, cost_eur: null, cost_rub: null }, source: undefined };
  }
  const rates = await getCurrencyRates(sources, new Date(at));
  const inCurrency = (rate: number | undefined): string | null =>
    rate === undefined ? null : money(Math.round(product.cents * rate));
  const fields = {
    cost_usd: money(product.cents),
    cost_eur: inCurrency(rates?.value.eur),
    cost_rub: inCurrency(rates?.value.rub),
  };
  return { fields, source: rates?.source };
}

/** One thing that a user did, with place, weather and prices of the moment. */
export async function generateEvent(
  random: Random,
  { userId, sessionId, orderId, at, type, line, faults = false }: EventOptions,
  sources: Sources,
): Promise<GeneratedEvent> {
  const product = withProduct.has(type) ? (line?.product ?? random.pick(products)) : undefined;
  const quantity = withOrder.has(type) ? (line?.quantity ?? random.integer(1, 5)) : undefined;
  const located = await getRandomCity(random, sources);
  const noWeather = faults && random.chance(missing);
  const noCosts = faults && random.chance(missing);
  const weather = noWeather
    ? undefined
    : await getWeather(sources, { lat: located.lat, lon: located.lon, at: new Date(at) });
  const { fields, source } = await costs(noCosts ? undefined : product, at, sources);
  const body = {
    type: "event",
    user_id: userId,
    session_id: sessionId,
    event_type: type,
    product_id: product?.productId ?? null,
    product_name: product?.name ?? null,
    product_category: product?.category ?? null,
    order_id: quantity === undefined ? null : orderId,
    quantity: quantity ?? null,
    city: located.city,
    country: located.country,
    lat: located.lat,
    lon: located.lon,
    ...fields,
    weather_temp: weather?.value.temp ?? null,
    weather_desc: weather?.value.desc ?? null,
    enrich_source: { geo: located.source, weather: weather?.source, rate: source },
    timestamp: instant(at),
  };
  return { userId, sendAt: at, body, product, quantity };
}
