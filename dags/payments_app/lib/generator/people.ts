import { regions } from "../regions.ts";
import type { Calendar } from "./calendar.ts";
import { scatter } from "./draw.ts";
import type { Scale } from "./scales.ts";

type Cell = string | number | null;
export type Rows = readonly (readonly Cell[])[];

const firstNames = ["Alina", "Maxim", "Vera", "Pavel", "Olga", "Denis", "Yana", "Ilya"] as const;
const lastNames = ["Sokol", "Lysenko", "Moroz", "Kozel", "Zhuk", "Bobrik", "Vasilek"] as const;
const streets = ["Lenina", "Pobedy", "Sovetskaya", "Parkovaya", "Lesnaya", "Sadovaya"] as const;
const channels = ["search_ads", "social_ads", "blogger", "organic", "referral"] as const;
const industries = ["retail", "auto", "utilities", "telecom", "services"] as const;
const sizes = ["micro", "small", "medium", "large"] as const;
const tariffs = ["base", "standard", "premium"] as const;
const packages = ["start", "growth", "full"] as const;

export const at = <T>(list: readonly [T, ...T[]] | readonly T[], index: number): T => {
  const found = list[index % list.length];
  if (found === undefined) throw new RangeError("a list to pick from is empty");
  return found;
};

/** A fifth of the users were there before the first day. */
export const registrationDay = (user: number, { users, days }: Scale): number =>
  Math.floor(((user - 1) * days * 1.25) / users - days * 0.25);

/** Users that pay never, and payers that never open the app. */
export const neverPays = (user: number): boolean => user % 17 === 3;
export const neverOpens = (user: number): boolean => user % 19 === 5;
/** Days from the registration on which a user comes back; a third are gone after three weeks. */
export const lifetime = (user: number): number =>
  scatter(user, 3) === 0 ? 5 + scatter(user + 7, 16) : 400;
/** Half of the users were offered the cashback; the others are the control group. */
export const isInPromotion = (user: number): boolean => user % 2 === 0;

function address(user: number): string {
  const region = at(regions, scatter(user, 10) < 4 ? 0 : scatter(user + 1, regions.length));
  const city = at(region.cities, scatter(user + 2, 3));
  return `${city}, ${at(streets, scatter(user + 3, 6))} street, ${1 + scatter(user + 4, 80)}`;
}

/** One address in two spellings, an empty one, none, and one that nobody can read among the others. */
function addressOf(user: number): string | null {
  if (user === 1) return "Minsk, Lenina street, 5";
  if (user === 2) return " minsk  LENINA str. 5 ";
  if (user === 13) return "12/4 -- ?";
  if (user % 23 === 0) return null;
  return user % 23 === 1 ? "" : address(user);
}

/** @param moved Whether users have moved to where a later day finds them. */
export function userRow(
  user: number,
  scale: Scale,
  calendar: Calendar,
  moved: boolean,
): readonly Cell[] {
  const day = registrationDay(user, scale);
  const hasMoved = moved && user % 50 === 7;
  const blocked = user % 41 === 0 ? calendar.instant(day + 30, 36_000) : null;
  return [
    user,
    `${at(firstNames, scatter(user, 8))} ${at(lastNames, scatter(user + 5, 7))}${hasMoved ? "-Novik" : ""}`,
    `${1960 + scatter(user, 45)}-0${1 + scatter(user + 1, 9)}-1${scatter(user + 2, 9)}`,
    user % 31 === 0 ? null : at(["female", "male"], scatter(user, 2)),
    hasMoved ? address(user + 1_000) : addressOf(user),
    user % 37 === 0 ? null : at(channels, scatter(user, 100) < 35 ? 0 : scatter(user + 9, 5)),
    calendar.instant(day, 30_000 + scatter(user, 40_000)),
    blocked,
  ];
}

/** A user whose gender is no gender; nobody pays with it. */
export const strangeUser = (scale: Scale, calendar: Calendar): readonly Cell[] => [
  scale.users + 1,
  "Test Account",
  null,
  "robot",
  null,
  null,
  calendar.instant(0, 0),
  null,
];

export const legalRows = ({ legalClients, days }: Scale, calendar: Calendar): Rows =>
  Array.from({ length: legalClients }, (_, index) => {
    const id = index + 1;
    const day = Math.floor((index * (days + 60)) / legalClients) - 60;
    return [
      id,
      `Company ${id} LLC`,
      String(100_000_000 + id * 37),
      at(industries, scatter(id, 5)),
      at(sizes, scatter(id, 4)),
      calendar.instant(day, 40_000),
      id % 14 === 0 ? calendar.instant(Math.min(day + 75, days - 1), 40_000) : null,
    ];
  });

export const contractRows = (scale: Scale, calendar: Calendar): Rows =>
  Array.from({ length: scale.contracts }, (_, index) => {
    const legal = (index % scale.legalClients) + 1;
    const day = Math.max(
      0,
      Math.floor(((legal - 1) * (scale.days + 60)) / scale.legalClients) - 60,
    );
    return [
      index + 1,
      legal,
      at(tariffs, scatter(index, 3)),
      at(packages, scatter(index + 3, 3)),
      `${(1 + scatter(index, 9)) * 25}.00`,
      calendar.date(Math.min(day + 2, scale.days - 1)),
      index % 9 === 0 ? calendar.date(scale.days - 20) : null,
    ];
  });

export const companyRows = ({ legalClients }: Scale, calendar: Calendar): Rows =>
  Array.from({ length: legalClients }, (_, index) => [
    index + 1,
    `Company ${index + 1}`,
    String(100_000_000 + (index + 1) * 37),
    at(industries, scatter(index + 1, 5)),
    calendar.instant(index % 100, 36_000),
  ]);

export const dealRows = (scale: Scale, calendar: Calendar): Rows =>
  Array.from({ length: scale.deals }, (_, index) => {
    const day = Math.floor((index * (scale.days - 1)) / scale.deals);
    const closes = day + 5 + (index % 9);
    return [
      index + 1,
      (index % scale.legalClients) + 1,
      at(["won", "lost", "negotiation"], scatter(index, 3)),
      `${100 + scatter(index, 900)}.00`,
      at(tariffs, scatter(index, 3)),
      calendar.instant(day, 39_600),
      closes < scale.days - 1 ? calendar.instant(closes, 50_000) : null,
    ];
  });
