import { dayNumber, dayText } from "./days.ts";
import type { History } from "./drafts.ts";
import { orderOf } from "./orders.ts";
import { customerOf, type SourceName, sourceNames } from "./people.ts";

export interface StatusChange {
  readonly order_id: number;
  readonly order_status: string;
  readonly order_completion_date: string | null;
}

export interface AddressChange {
  readonly customer_id: number;
  readonly customer_address: string;
}

/** What a pass after the first does to one source. */
export interface Batch {
  /** New orders, both included. */
  readonly firstId: number;
  readonly lastId: number;
  readonly statuses: readonly StatusChange[];
  readonly addresses: readonly AddressChange[];
}

/** The awkward orders stay as they are. */
const firstChangeable = 101;
/** A prime, so that passes walk over all orders before they meet one again. */
const stride = 7_919;

/** The share of one source of four; the first ones take what is left over. */
const shareOf = (count: number, source: SourceName): number =>
  Math.floor((count + 3 - sourceNames.indexOf(source)) / 4);

const next = { created: "in progress", "in progress": "delivery", delivery: "done" } as const;

function advanced(history: History, source: SourceName, id: number): StatusChange | undefined {
  const { status, created } = orderOf(history, source, id);
  const current = status.replace("-", " ");
  if (created === null || !isUnfinished(current)) return undefined;
  const order_status = next[current];
  const completed = order_status === "done" ? dayText(dayNumber(created) + 3) : null;
  return { order_id: id, order_status, order_completion_date: completed };
}

const isUnfinished = (status: string): status is keyof typeof next => status in next;

function statusChanges(history: History, source: SourceName, pass: number): StatusChange[] {
  const { scale } = history;
  const wanted = shareOf(scale.batch.statuses, source);
  const range = scale.orders - firstChangeable + 1;
  const changes: StatusChange[] = [];
  // A quarter of the orders is done: twice the number of places holds enough of the others.
  for (let place = 0; place < 2 * wanted && changes.length < wanted; place += 1) {
    const at = ((pass - 2) * 2 * wanted + place) * stride;
    const change = advanced(history, source, firstChangeable + (at % range));
    if (change) changes.push(change);
  }
  return changes;
}

function addressChanges(history: History, source: SourceName, pass: number): AddressChange[] {
  const { scale, seed } = history;
  const count = shareOf(scale.batch.addresses, source);
  return Array.from({ length: count }, (_, place) => {
    const id = (((pass - 2) * count + place) % scale.customers) + 1;
    const { address } = customerOf(seed, source, id, scale);
    return { customer_id: id, customer_address: `${address ?? "Here"}, moved in pass ${pass}` };
  });
}

/** The batch of a pass, from 2 on; equal for the same history and pass. */
export function batchOf(history: History, source: SourceName, pass: number): Batch {
  const { scale } = history;
  const orders = Math.max(1, Math.floor(scale.batch.orders / 4));
  const firstId = scale.orders + (pass - 2) * orders + 1;
  return {
    firstId,
    lastId: firstId + orders - 1,
    statuses: statusChanges(history, source, pass),
    addresses: addressChanges(history, source, pass),
  };
}
