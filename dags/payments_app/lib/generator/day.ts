import type { Random } from "../../../lib/random.ts";
import type { Calendar } from "./calendar.ts";
import { money, randomOf, scatter, share } from "./draw.ts";
import { isUnconnected, type Kind, kindOf, kinds } from "./merchants.ts";
import { isInPromotion, lifetime, neverOpens, neverPays, registrationDay } from "./people.ts";
import { before, type Scale } from "./scales.ts";

type Cell = string | number | null;

export interface Session {
  readonly id: string;
  readonly user: number;
  readonly start: number;
  readonly seconds: number;
}

/** What a day has, each in the order of its table's columns. */
export interface DayRows {
  readonly sessions: readonly (readonly Cell[])[];
  readonly events: readonly (readonly Cell[])[];
  readonly transactions: readonly (readonly Cell[])[];
}

export interface DayOptions {
  readonly seed: number;
  readonly scale: Scale;
  readonly calendar: Calendar;
  readonly day: number;
  /** The last day that the sources know of: later changes of status have not happened yet. */
  readonly lastDay: number;
}

const eventNames = [
  ["screen_view", 50],
  ["product_view", 26],
  ["add_to_cart", 9],
  ["payment_form", 7],
  ["search", 8],
] as const;
const methods = [
  ["card", 55],
  ["wallet", 20],
  ["qr", 12],
  ["nfc", 9],
  ["account", 4],
] as const;
const statuses = [
  ["success", 920],
  ["failed", 50],
  ["pending", 10],
  ["reversed", 10],
  ["refunded", 10],
] as const;
const currencies = [
  ["BYN", 90],
  ["USD", 4],
  ["EUR", 3],
  ["RUB", 3],
] as const;

/** Seconds of the day: evenings are busy, Sunday's most of all. */
function secondOfDay(random: Random, weekday: number): number {
  const isEvening = random.chance(weekday === 7 ? 0.6 : 0.4);
  return isEvening ? random.integer(64_800, 79_200) : random.integer(25_200, 82_800);
}

/** A user who is registered and still comes, if a few tries find one. */
function pickUser(
  random: Random,
  { scale, day }: DayOptions,
  isUnfit: (user: number) => boolean,
): number {
  const known = Math.min(
    scale.users,
    Math.floor(((day + scale.days * 0.25) * scale.users) / (scale.days * 1.25)),
  );
  let user = 1;
  for (let tries = 0; tries < 12; tries += 1) {
    user = random.integer(1, Math.max(1, known));
    if (isUnfit(user)) continue;
    const age = day - registrationDay(user, scale);
    if (age >= 0 && age <= lifetime(user)) return user;
  }
  while (isUnfit(user)) user = (user % known) + 1;
  return user;
}

function sessionsOf(options: DayOptions, random: Random): Session[] {
  const { scale, day, calendar } = options;
  const first = before(scale.sessions, day, scale.days);
  const count = before(scale.sessions, day + 1, scale.days) - first;
  return Array.from({ length: count }, (_, index) => ({
    id: `s-${first + index + 1}`,
    user: pickUser(random, options, neverOpens),
    start: secondOfDay(random, calendar.weekday(day)),
    seconds: random.integer(30, 2_400),
  }));
}

const sessionRow = (
  { calendar, day }: DayOptions,
  { id, user, start, seconds }: Session,
): readonly Cell[] => [
  id,
  user,
  calendar.instant(day, start),
  scatter(user + start, 50) === 0 ? null : calendar.instant(day, start + seconds),
  scatter(user, 3) === 0 ? "ios" : "android",
  `5.${scatter(start, 4)}`,
];

function eventsOf(options: DayOptions, random: Random, sessions: readonly Session[]) {
  const { scale, day, calendar } = options;
  const first = before(scale.events, day, scale.days);
  const count = before(scale.events, day + 1, scale.days) - first;
  const rows: (readonly Cell[])[] = [];
  for (let index = 0; index < count; index += 1) {
    const session = sessions[index % sessions.length];
    if (session === undefined) break;
    const id = first + index + 1;
    const name = index < sessions.length ? "app_launch" : random.weighted(eventNames);
    const isStrange = id % 4_001 === 11;
    const product =
      name === "product_view" || name === "add_to_cart" ? random.pick(kinds).product : null;
    rows.push([
      id,
      isStrange ? scale.users + 900_000 : session.user,
      session.id,
      calendar.instant(day, session.start + Math.floor((session.seconds * index) / count)),
      name,
      name === "screen_view" ? random.pick(["home", "history", "catalogue"]) : name,
      product,
      null,
    ]);
  }
  return rows;
}

/** A transaction changes its status three days later, one in sixty. */
export const changesStatus = (id: number): boolean => id % 60 === 8;
export const changeAfterDays = 3;
export const changedStatus = "refunded";

const faults = [
  "payer",
  "merchant",
  "amount",
  "date",
  "status",
  "method",
  "operation",
  "currency",
] as const;
type Fault = (typeof faults)[number];

/** Faulty rows are spread over the days, one kind after the other. */
const faultOf = (id: number, { transactions }: Scale): Fault | undefined => {
  const every = Math.max(50, Math.floor(transactions / 24));
  return id % every === 20 ? faults[Math.floor(id / every) % faults.length] : undefined;
};

interface Draft {
  readonly id: number;
  readonly random: Random;
  readonly options: DayOptions;
  readonly fault: Fault | undefined;
}

function pickMerchant(random: Random, { merchants }: Scale): { merchant: number; kind: Kind } {
  const wanted = random.weighted(
    kinds.map(({ weight }, index) => [String(index), weight] as const),
  );
  const step = kinds.length;
  const count = Math.floor((merchants - 1 - Number(wanted)) / step) + 1;
  let merchant = Number(wanted) + 1 + step * random.integer(0, Math.max(0, count - 1));
  if (isUnconnected(merchant)) merchant = Number(wanted) + 1;
  return { merchant, kind: kindOf(merchant) };
}

/** What a promotion does: half a percent back, and larger baskets for those who are offered it. */
function amountOf({ random, options }: Draft, kind: Kind, user: number) {
  const isPromoted =
    options.day >= (options.scale.days * 2) / 3 && kind.subtype === "grocery_chain";
  const [low, high] = kind.check;
  const base = random.integer(low, high);
  const cents = isPromoted && isInPromotion(user) ? share(base, 11_500) : base;
  return { cents, cashback: isPromoted && isInPromotion(user) ? share(cents, 50) : 0 };
}

const perUnit: Readonly<Record<string, number>> = {
  BYN: 10_000,
  USD: 3_100,
  EUR: 2_900,
  RUB: 280_000,
};

/** 23:30 and 00:10 of Minsk are on each day; late rows are those of two days ago that only now arrive. */
function momentOf({ id, random, options, fault }: Draft, index: number): string {
  const { calendar, day } = options;
  if (fault === "date") return "2099-12-31T12:00:00.000Z";
  if (index === 0) return calendar.instant(day, 84_600);
  if (index === 1) return calendar.instant(day, 600);
  const isLate = id % 97 === 5 && day >= 2;
  return calendar.instant(isLate ? day - 2 : day, secondOfDay(random, calendar.weekday(day)));
}

function statusOf({ id, random, options, fault }: Draft): string {
  const status = random.weighted(statuses);
  if (fault === "status") return "maybe";
  const isChanged = changesStatus(id) && options.day + changeAfterDays <= options.lastDay;
  return isChanged ? changedStatus : status;
}

function transactionRow(
  draft: Draft,
  index: number,
  sessions: readonly Session[],
): readonly Cell[] {
  const { id, random, options, fault } = draft;
  const session = random.chance(0.6) ? random.pick(sessions) : undefined;
  const user =
    session && !neverPays(session.user) ? session.user : pickUser(random, options, neverPays);
  const { merchant, kind } = pickMerchant(random, options.scale);
  const { cents, cashback } = amountOf(draft, kind, user);
  const currency = random.weighted(currencies);
  const scaled = (value: number): string => money(share(value, perUnit[currency] ?? 10_000));
  const isPurchase = kind.vertical === "auto" || kind.vertical === "grocery";
  const operation = isPurchase ? "purchase" : kind.subtype === "utility" ? "bill" : "topup";
  return [
    id,
    momentOf(draft, index),
    fault === "payer" ? options.scale.users + 700_000 : user,
    fault === "merchant" ? options.scale.merchants + 700_000 : merchant,
    kind.product,
    fault === "operation" ? "barter" : operation,
    fault === "method" ? "barter" : random.weighted(methods),
    fault === "amount" ? `-${scaled(cents)}` : scaled(cents),
    fault === "currency" ? "??" : currency,
    scaled(share(cents, kind.fee)),
    scaled(cashback),
    statusOf(draft),
    session?.user === user ? session.id : null,
  ];
}

function transactionsOf(options: DayOptions, random: Random, sessions: readonly Session[]) {
  const { scale, day } = options;
  const first = before(scale.transactions, day, scale.days);
  const count = before(scale.transactions, day + 1, scale.days) - first;
  const rows: (readonly Cell[])[] = [];
  for (let index = 0; index < count; index += 1) {
    const id = first + index + 1;
    const row = transactionRow({ id, random, options, fault: faultOf(id, scale) }, index, sessions);
    rows.push(row);
    // An exact copy, as a queue delivers it twice.
    if (id % 611 === 4) rows.push(row);
  }
  return rows;
}

/** Everything of one day; a function of the seed, the scale and the day. */
export function dayRows(options: DayOptions): DayRows {
  const { seed, day } = options;
  const sessions = sessionsOf(options, randomOf(seed, "sessions", day));
  return {
    sessions: sessions.map((session) => sessionRow(options, session)),
    events: eventsOf(options, randomOf(seed, "events", day), sessions),
    transactions: transactionsOf(options, randomOf(seed, "transactions", day), sessions),
  };
}
