import { oddOrder } from "./awkward.ts";
import { dayNumber, dayText, firstOfMonth, monthsBefore } from "./days.ts";
import type { History, OrderDraft } from "./drafts.ts";
import {
  type Craftsman,
  craftsmanOf,
  type Customer,
  customerOf,
  type Product,
  productOf,
  type SourceName,
} from "./people.ts";

/** An order with all that is known about it. */
export interface Order {
  readonly id: number;
  readonly created: string | null;
  readonly completed: string | null;
  readonly status: string;
  readonly craftsman: Craftsman;
  readonly product: Product;
  readonly customer: Customer;
}

const isSecondHalf = ({ today, scale }: History, created: number | null): boolean =>
  (created ?? 0) >= monthsBefore(firstOfMonth(dayNumber(today) - 1), Math.floor(scale.months / 12));

/** Two of the sites write it with a hyphen, the first one always and the second sometimes. */
const spelled = (source: SourceName, { status, id }: OrderDraft): string =>
  status === "in progress" && (source === "source1" || (source === "source2" && id % 2 === 0))
    ? "in-progress"
    : status;

/** The order of a source with that id, awkward cases included. */
export function orderOf(history: History, source: SourceName, id: number): Order {
  const { seed, scale } = history;
  const draft = oddOrder(history, source, id);
  const product = productOf(seed, source, draft.productId, isSecondHalf(history, draft.created));
  return {
    id,
    created: draft.created === null ? null : dayText(draft.created),
    completed: draft.completed === null ? null : dayText(draft.completed),
    status: spelled(source, draft),
    craftsman: craftsmanOf(seed, source, draft.craftsmanId),
    product: draft.price === undefined ? product : { ...product, price: draft.price },
    customer: customerOf(seed, source, draft.customerId, scale),
  };
}
