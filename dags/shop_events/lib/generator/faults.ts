import { type Draft, instant } from "./draft.ts";
import type { OrderFault } from "./generate-order.ts";
import type { Random } from "./random.ts";

/** Messages that raw or dds must refuse, each for its own reason. */
export const malformedKinds = [
  "not_json",
  "type_unknown",
  "user_id_missing",
  "user_id_not_numeric",
  "timestamp_wrong",
  "quantity_negative",
  "session_id_missing",
] as const;
export type MalformedKind = (typeof malformedKinds)[number];

/** Every n-th of something, so that each kind is there in any volume worth the name. */
const every = (index: number, step: number, offset: number): boolean => index % step === offset;

const orderFaults: readonly (OrderFault | undefined)[] = [
  undefined,
  "no_status",
  undefined,
  "older_status_late",
  undefined,
  "item_first",
  undefined,
  "status_first",
];

/** One order in five has something about it. */
export const orderFault = (order: number): OrderFault | undefined =>
  every(order, 5, 2) ? orderFaults[Math.floor(order / 5) % orderFaults.length] : undefined;

/** One order in two hundred is a line above 10,000. */
export const isLargeOrder = (order: number): boolean => every(order, 200, 11);

export const hasTwoPurchases = (visit: number): boolean => every(visit, 19, 4);
export const hasNoEnd = (visit: number): boolean => every(visit, 41, 9);
const hasEarlyEnd = (visit: number): boolean => every(visit, 47, 13);
const isRedelivered = (visit: number): boolean => every(visit, 37, 3);
const hasDuplicate = (visit: number): boolean => every(visit, 31, 5);
const isLate = (visit: number): boolean => every(visit, 29, 7);
const hasMalformed = (visit: number): boolean => every(visit, 43, 1);

const hourMs = 3_600_000;

type Body = Readonly<Record<string, unknown>>;
const isBody = (body: Draft["body"]): body is Body => typeof body !== "string";
const isEvent = ({ body }: Draft): boolean => isBody(body) && body["type"] === "event";

const malformed: Readonly<Record<MalformedKind, (body: Body) => Draft["body"]>> = {
  not_json: (body) => JSON.stringify(body).slice(0, -9),
  type_unknown: (body) => ({ ...body, type: "coupon" }),
  user_id_missing: (body) => ({ ...body, user_id: undefined }),
  user_id_not_numeric: (body) => ({ ...body, user_id: `guest-${String(body["user_id"])}` }),
  timestamp_wrong: (body) => ({ ...body, timestamp: "yesterday at noon" }),
  quantity_negative: (body) => ({ ...body, event_type: "add_to_cart", quantity: -2 }),
  session_id_missing: (body) => ({ ...body, event_type: "view_page", session_id: null }),
};

/**
 * A copy of an event, spoilt; a millisecond off, so that it repeats no event that is right.
 *
 * @param draft An event with a body.
 */
export function generateMalformed(draft: Draft, kind: MalformedKind): Draft {
  if (!isBody(draft.body)) return draft;
  const at = Date.parse(String(draft.body["timestamp"])) + 1;
  return { ...draft, body: malformed[kind]({ ...draft.body, timestamp: instant(at) }) };
}

const copiesOf = (visit: number, event: Draft): Draft[] => {
  const copies: Draft[] = [];
  if (isRedelivered(visit)) copies.push(event);
  if (hasDuplicate(visit) && isBody(event.body)) {
    copies.push({ ...event, body: { ...event.body, city: "Elsewhere", country: "Elsewhere" } });
  }
  const kind = malformedKinds[Math.floor(visit / 43) % malformedKinds.length];
  if (hasMalformed(visit) && kind) copies.push(generateMalformed(event, kind));
  return copies;
};

const delayed = (draft: Draft, ms: number): Draft => ({ ...draft, sendAt: draft.sendAt + ms });

/** The drafts of a visit, with what happens to them on their way by the number of the visit. */
export function withFaults(random: Random, visit: number, drafts: readonly Draft[]): Draft[] {
  const event = drafts.find(isEvent);
  const copies = event ? copiesOf(visit, event) : [];
  const lateBy = random.integer(1, 72) * hourMs;
  const startAt = drafts[0]?.sendAt ?? 0;
  return [...drafts, ...copies].map((draft) => {
    if (isLate(visit) && isEvent(draft)) return delayed(draft, lateBy);
    const isEnd = isBody(draft.body) && draft.body["type"] === "session_end";
    return hasEarlyEnd(visit) && isEnd ? { ...draft, sendAt: startAt - 1 } : draft;
  });
}
