import { Random } from "../../../lib/random.ts";
import { dayNumber, monthsBefore } from "./days.ts";
import type { SourceName } from "./people.ts";
import type { Scale } from "./scales.ts";

/** What an order is drawn from; the same history always gives the same orders. */
export interface History {
  readonly seed: number;
  readonly scale: Scale;
  /** The day after the last one of the first pass, `YYYY-MM-DD`. */
  readonly today: string;
}

export const statuses = ["created", "in progress", "delivery", "done"] as const;
export type Status = (typeof statuses)[number];

/** An order by ids of its source. */
export interface OrderDraft {
  readonly id: number;
  readonly created: number | null;
  readonly completed: number | null;
  readonly status: Status;
  readonly craftsmanId: number;
  readonly productId: number;
  readonly customerId: number;
  /** Set where a product must cost something else than it does. */
  readonly price?: number;
}

/** Months that a source looks back; the first one and the bought site are younger than the others. */
const monthsOf = (source: SourceName, { months }: Scale): number =>
  ({ source1: 8, source2: months, source3: months, external_source: 3 })[source];

const longestDays = (source: SourceName): number => (source === "external_source" ? 288 : 4);

/** Low numbers come up often: some customers order ten times and more, most once or twice. */
const skewed = (draw: Random, count: number): number =>
  1 + Math.floor(draw.fraction() ** 2 * count);

/** An order before anything awkward is done to it. */
export function draftOf(history: History, source: SourceName, id: number): OrderDraft {
  const { seed, scale, today } = history;
  const draw = new Random(`${seed}/order/${source}/${id}`);
  const end = dayNumber(today);
  // Orders after the first pass are those of the days that follow.
  const isNew = id > scale.orders;
  const perDay = Math.max(1, Math.floor(scale.batch.orders / 4));
  const start = isNew ? end : monthsBefore(end - 1, monthsOf(source, scale) - 1);
  const offset = isNew
    ? Math.floor((id - scale.orders - 1) / perDay)
    : draw.integer(0, end - 1 - start);
  const status = draw.pick(statuses);
  const craftsmanId = draw.integer(1, scale.craftsmen);
  // The second source has one product for each craftsman; elsewhere a craftsman makes three.
  const productId = source === "source2" ? craftsmanId : craftsmanId * 3 - draw.integer(0, 2);
  const created = start + offset;
  const completed = status === "done" ? created + draw.integer(1, longestDays(source)) : null;
  const customerId = skewed(draw, scale.customers);
  return { id, created, completed, status, craftsmanId, productId, customerId };
}
