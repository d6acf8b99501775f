import { dearestProduct, products } from "./catalogue.ts";
import { type Draft, instant } from "./draft.ts";
import { hasNoEnd, hasTwoPurchases, isLargeOrder, orderFault, withFaults } from "./faults.ts";
import { generateCampaignEvent } from "./generate-campaign-event.ts";
import { generateDevice, generateLocation } from "./generate-user.ts";
import { drawEventType, type EventType, generateEvent } from "./generate-event.ts";
import { generateOrder } from "./generate-order.ts";
import type { Random } from "./random.ts";
import type { Scale } from "./scales.ts";
import type { Sources } from "./sources.ts";

export interface VisitOptions {
  readonly random: Random;
  readonly sources: Sources;
  readonly scale: Scale;
  readonly userId: number;
  /** The number of the visit in its pass. */
  readonly visit: number;
  readonly startAt: number;
  /** Counts the orders of the pass. */
  readonly orders: { count: number };
  /** Shortest session, in seconds. Defaults to 30. */
  readonly leastSeconds?: number;
}

interface Session {
  readonly sessionId: string;
  readonly endAt: number;
}

function eventPlan({ random, scale, visit }: VisitOptions): EventType[] {
  const count = random.integer(...scale.events);
  const types = Array.from({ length: count }, () => drawEventType(random, scale.purchaseWeight));
  return scale.faults && hasTwoPurchases(visit) ? [...types, "purchase", "purchase"] : types;
}

/** Moments between start and end, each its own. */
function moments({ random, startAt }: VisitOptions, { endAt }: Session, count: number): number[] {
  const found = new Set<number>();
  while (found.size < count) found.add(random.integer(startAt + 1, endAt - 1));
  return [...found].toSorted((a, b) => a - b);
}

const bought = ({
  random,
  orders,
  scale,
}: VisitOptions): { product: typeof dearestProduct; quantity: number } =>
  scale.faults && isLargeOrder(orders.count)
    ? { product: dearestProduct, quantity: 6 }
    : { product: random.pick(products), quantity: random.integer(1, 5) };

/** The event of a purchase and its order: of one product, one quantity, one order id. */
async function purchase(
  options: VisitOptions,
  session: Session,
  orderId: string,
  at: number,
): Promise<Draft[]> {
  const { random, sources, scale, userId, orders } = options;
  const { faults } = scale;
  const line = bought(options);
  const details = { userId, sessionId: session.sessionId, orderId, at, line, faults };
  const event = await generateEvent(random, { ...details, type: "purchase" }, sources);
  const fault = faults ? orderFault(orders.count) : undefined;
  orders.count += 1;
  return [event, ...generateOrder(random, { orderId, userId, at, ...line, fault, faults })];
}

async function sessionEvents(options: VisitOptions, session: Session): Promise<Draft[]> {
  const { random, sources, scale, userId } = options;
  const plan = eventPlan(options);
  const times = moments(options, session, plan.length);
  const drafts: Draft[] = [];
  let orderId = random.uuid();
  for (const [index, type] of plan.entries()) {
    const at = times[index] ?? session.endAt;
    if (type === "purchase") {
      drafts.push(...(await purchase(options, session, orderId, at)));
      // A second purchase under the same id would be the same order again.
      orderId = random.uuid();
      continue;
    }
    const details = { userId, sessionId: session.sessionId, orderId, at, type };
    drafts.push(await generateEvent(random, { ...details, faults: scale.faults }, sources));
  }
  return drafts;
}

async function changes({
  random,
  sources,
  scale,
  userId,
  startAt,
}: VisitOptions): Promise<Draft[]> {
  const user = { userId, at: startAt };
  const drafts: Draft[] = [];
  if (random.chance(0.3)) {
    const noCost = scale.faults && random.chance(0.1);
    drafts.push(generateCampaignEvent(random, { userId, at: startAt, noCost }));
  }
  if (random.chance(0.03)) drafts.push(generateDevice(random, user));
  if (random.chance(0.03)) drafts.push(await generateLocation(random, user, sources, scale.faults));
  return drafts;
}

/** One session of a user, all of its messages under one session id, in the order of sending. */
export async function generateVisit(options: VisitOptions): Promise<Draft[]> {
  const { random, scale, userId, visit, startAt, leastSeconds = 30 } = options;
  const endAt = startAt + random.integer(leastSeconds, 600) * 1_000;
  const session: Session = { sessionId: random.uuid(), endAt };
  const edge = (type: string, at: number): Draft => ({
    userId,
    sendAt: at,
    body: { type, user_id: userId, session_id: session.sessionId, timestamp: instant(at) },
  });
  const drafts = [
    edge("session_start", startAt),
    ...(await changes(options)),
    ...(await sessionEvents(options, session)),
  ];
  if (!(scale.faults && hasNoEnd(visit))) drafts.push(edge("session_end", endAt));
  return scale.faults ? withFaults(random, visit, drafts) : drafts;
}
