import { Random } from "../../../lib/random.ts";
import { cities, decimal, firstNames, type Item, items, lastNames } from "./catalogue.ts";
import { daysOfHistory, incrementIndex, type Sample, scales, seedOf } from "./sample.ts";

export type Status = "shipped" | "refunded";

export interface Order {
  readonly uniqId: string;
  readonly day: string;
  readonly city: { readonly id: number; readonly name: string };
  readonly customerId: number;
  readonly firstName: string;
  readonly lastName: string;
  readonly item: Item;
  readonly quantity: number;
  readonly status: Status;
}

/** Its buyers come back on the same day, each of them. */
const pairedItem = 11;
/** Once the increments have begun, nobody buys it; it is only given back. */
const returnedItem = 10;

const itemOf = (id: number): Item => items[id] ?? { id, name: `item ${id}`, price: 0 };
const uniqIdOf = (random: Random): string => random.uuid().replaceAll("-", "");

/** Customers with odd ids give another name and city each time. */
function customerOf(id: number, random: Random) {
  const key = id % 2 === 1 ? random.integer(0, 999_983) : id;
  return {
    customerId: id,
    firstName: firstNames[key % firstNames.length] ?? "",
    lastName: lastNames[Math.floor(key / 7) % lastNames.length] ?? "",
    city: cities[Math.floor(key / 3) % cities.length] ?? { id: 1, name: "Москва" },
  };
}

function shipped(day: string, customerId: number, item: number, random: Random): Order {
  return {
    uniqId: uniqIdOf(random),
    day,
    ...customerOf(customerId, random),
    item: itemOf(item),
    quantity: random.integer(1, 5),
    status: "shipped",
  };
}

/** The two orders of one customer that agree on nothing but the day. */
function* disagreeing(day: string, random: Random): Generator<Order> {
  const [here, there] = cities;
  const named = shipped(day, 1, 0, random);
  yield { ...named, firstName: "Анна", city: here ?? named.city };
  yield { ...shipped(day, 1, 1, random), firstName: "Борис", city: there ?? named.city };
}

export interface DayOptions {
  readonly day: string;
  readonly count: number;
  readonly refunds: number;
  /** Whether the day is one of an increment. */
  readonly isIncrement: boolean;
}

/**
 * The orders of one day, refunds at its end: first a pair of the item that is bought in pairs, then two orders of one
 * customer that disagree, then whatever chance brings.
 */
function* ordersOfDay(sample: Sample, options: DayOptions): Generator<Order> {
  const { day, count, refunds, isIncrement } = options;
  const random = new Random(seedOf(sample, "orders", day));
  // The last customer never buys: the shop knows this one from a refund only.
  const buyer = (): number => random.integer(1, scales[sample.scale].customers - 1);
  const pairBuyer = buyer();
  const lastItem = isIncrement ? returnedItem - 1 : returnedItem;
  for (let copy = 0; copy < 2; copy += 1) yield shipped(day, pairBuyer, pairedItem, random);
  yield* disagreeing(day, random);
  for (let index = 4; index < count - refunds; index += 1) {
    yield shipped(day, buyer(), random.integer(0, lastItem), random);
  }
  for (let index = 0; index < refunds; index += 1) {
    const customer = index === 0 ? scales[sample.scale].customers : buyer();
    const item = index === 0 ? returnedItem : random.integer(0, returnedItem);
    yield { ...shipped(day, customer, item, random), status: "refunded" };
  }
}

/** The orders of the base report, day by day. */
export function* ordersOfHistory(sample: Sample): Generator<Order> {
  const days = daysOfHistory(sample);
  const { distinct } = scales[sample.scale].history.orders;
  for (const [index, day] of days.entries()) {
    const until = Math.floor(((index + 1) * distinct) / days.length);
    const count = until - Math.floor((index * distinct) / days.length);
    yield* ordersOfDay(sample, { day, count, refunds: 0, isIncrement: false });
  }
}

const refundShare = 0.045;

/** The orders of one increment; the first has the id of an order that the base report has too. */
export function* ordersOfIncrement(
  sample: Sample,
  { day, hasStatus }: { readonly day: string; readonly hasStatus: boolean },
): Generator<Order> {
  const { distinct } = scales[sample.scale].increment.orders;
  const refunds = hasStatus ? Math.round(distinct * refundShare) : 0;
  const known = new Random(seedOf(sample, "known", incrementIndex(sample, day)));
  const [first] = ordersOfHistory(sample);
  yield { ...shipped(day, 2, 3, known), uniqId: first?.uniqId ?? uniqIdOf(known) };
  yield* ordersOfDay(sample, { day, count: distinct - 1, refunds, isIncrement: true });
}

/** An order as its line, without the id in front. */
export function orderCells(order: Order, hasStatus: boolean): string {
  const { uniqId, day, city, customerId, firstName, lastName, item, quantity } = order;
  const cells = [
    uniqId,
    `${day}T00:00:00`,
    city.id,
    city.name,
    customerId,
    firstName,
    lastName,
    item.id,
    item.name.includes(",") ? `"${item.name}"` : item.name,
    quantity,
    decimal(quantity * item.price),
  ];
  return (hasStatus ? [...cells, order.status] : cells).join(",");
}
