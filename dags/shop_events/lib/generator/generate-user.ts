import { browsers, deviceTypes, firstNames, genders, lastNames, systems } from "./catalogue.ts";
import { type Draft, instant } from "./draft.ts";
import type { Random } from "./random.ts";
import { getRandomCity, getWeather, type Sources } from "./sources.ts";

const dayMs = 86_400_000;
const yearMs = 365.25 * dayMs;

export interface UserMoment {
  readonly userId: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Places that are none; the geography of a shop must live with them. */
const oddPlaces = [
  { city: "Unknown", country: "Unknown" },
  { city: "Antarctica", country: "Antarctica" },
  { city: "", country: "" },
] as const;

function profile(random: Random, { userId, at }: UserMoment): Draft {
  const first = random.pick(firstNames);
  const last = random.pick(lastNames);
  // A margin on both sides, so that the age is 18 to 80 on any day of the pass.
  const age = 18.1 + random.fraction() * 61.8;
  const body = {
    type: "user_profile",
    user_id: userId,
    name: `${first} ${last}`,
    email: `${first}.${last}.${userId}@example.com`.toLowerCase(),
    birth_date: instant(at - age * yearMs).slice(0, 10),
    gender: random.pick(genders),
    generated_at: instant(at),
  };
  return { userId, sendAt: at, body };
}

/** A device that a user has from now on. */
export const generateDevice = (random: Random, { userId, at }: UserMoment): Draft => ({
  userId,
  sendAt: at,
  body: {
    type: "user_device",
    user_id: userId,
    device_type: random.pick(deviceTypes),
    os: random.pick(systems),
    browser: random.pick(browsers),
    generated_at: instant(at),
  },
});

/** A place where a user is from now on; with `odd`, now and then one that is none. */
export async function generateLocation(
  random: Random,
  { userId, at }: UserMoment,
  sources: Sources,
  odd = false,
): Promise<Draft> {
  const located = await getRandomCity(random, sources);
  const place = odd && random.chance(0.06) ? random.pick(oddPlaces) : located;
  const weather = await getWeather(sources, {
    lat: located.lat,
    lon: located.lon,
    at: new Date(at),
  });
  const body = {
    type: "user_location",
    user_id: userId,
    city: place.city,
    country: place.country,
    lat: located.lat,
    lon: located.lon,
    weather_temp: weather?.value.temp ?? null,
    weather_desc: weather?.value.desc ?? null,
    enrich_source: { geo: located.source, weather: weather?.source },
    generated_at: instant(at),
  };
  return { userId, sendAt: at, body };
}

/**
 * All that is said of a user at first sight: sign-up, profile, device and location.
 *
 * @param odd Whether the place may be one that is none.
 */
export async function generateUser(
  random: Random,
  user: UserMoment,
  sources: Sources,
  odd = false,
): Promise<Draft[]> {
  const { userId, at } = user;
  const signup = { type: "signup", user_id: userId, timestamp: instant(at) };
  return [
    { userId, sendAt: at, body: signup },
    profile(random, user),
    generateDevice(random, user),
    await generateLocation(random, user, sources, odd),
  ];
}
