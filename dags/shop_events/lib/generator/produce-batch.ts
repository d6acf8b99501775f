import { type Draft, instant, outgoing, type OutgoingDraft } from "./draft.ts";
import { generateUser } from "./generate-user.ts";
import { generateVisit } from "./generate-visit.ts";
import { Random } from "./random.ts";
import { lastUserId, type Scale, scales, type ScaleName, usersMovedPerPass } from "./scales.ts";
import { type Sources, syntheticSources } from "./sources.ts";

const dayMs = 86_400_000;
const minuteMs = 60_000;

/** Who has been seen and who is gone; a pass changes it as it goes. */
export interface Audience {
  readonly active: Set<number>;
  readonly churned: Set<number>;
}

export interface BatchOptions {
  readonly scale: ScaleName;
  /** Number of the pass at this scale, from 1. */
  readonly pass: number;
  /** First moment after the pass; its date is the `today` of the scales with days. */
  readonly now: Date;
  readonly audience: Audience;
  /** Defaults to 42. */
  readonly seed?: number;
  /** Users of a `minute` pass, one visit each. Defaults to the scale's. */
  readonly users?: number;
  /** Events of a visit. Defaults to the scale's. */
  readonly eventsPerUser?: number;
  /** Defaults to sources without a network. */
  readonly sources?: Sources;
}

interface Plan {
  readonly scale: Scale;
  readonly pass: number;
  readonly random: Random;
  readonly sources: Sources;
  readonly audience: Audience;
  /** Start of the first day. */
  readonly from: number;
}

function planOf(options: BatchOptions): Plan {
  const { pass, now, audience, users, eventsPerUser, seed = 42 } = options;
  const base = scales[options.scale];
  const scale: Scale = {
    ...base,
    ...(users !== undefined && { visits: users }),
    ...(eventsPerUser !== undefined && { events: [eventsPerUser, eventsPerUser] as const }),
  };
  const today = Math.floor(now.getTime() / dayMs) * dayMs;
  const from = scale.days === 0 ? now.getTime() - 11 * minuteMs : today - scale.days * dayMs;
  const random = new Random(
    `${seed}/${options.scale}/${instant(now.getTime()).slice(0, 10)}/${pass}`,
  );
  return { scale, pass, random, sources: options.sources ?? syntheticSources, audience, from };
}

/** The day of the pass on which nobody comes. */
const quietDay = (days: number): number => Math.floor(days / 3);

interface Slot {
  readonly startAt: number;
  readonly leastSeconds: number;
}

/** When a visit starts: spread evenly, none on the quiet day, the last of each day across midnight. */
function slotOf({ scale, from, random }: Plan, visit: number): Slot {
  if (scale.days === 0)
    return { startAt: from + random.integer(0, minuteMs - 1), leastSeconds: 30 };
  const busyDays = scale.days - 1;
  const place = ((visit + random.fraction()) / scale.visits) * busyDays;
  const next = ((visit + 1.5) / scale.visits) * busyDays;
  const busyDay = Math.min(Math.floor(place), busyDays - 1);
  const day = busyDay >= quietDay(scale.days) ? busyDay + 1 : busyDay;
  const isLast = Math.floor(next) > busyDay && visit + 1 < scale.visits;
  if (isLast) return { startAt: from + (day + 1) * dayMs - 2 * minuteMs, leastSeconds: 180 };
  return { startAt: from + Math.floor((day + place - busyDay) * dayMs), leastSeconds: 30 };
}

/** A user of the circle of this pass who is not gone; nothing when all are. */
function drawUser({ scale, pass, random, audience }: Plan): number | undefined {
  const first = ((pass - 1) * usersMovedPerPass) % lastUserId;
  const wrap = (offset: number): number => ((first + offset) % lastUserId) + 1;
  const start = random.integer(0, scale.users - 1);
  if (scale.users === lastUserId) {
    for (let step = 0; step < lastUserId; step += 1) {
      const userId = ((start + step) % lastUserId) + 1;
      if (!audience.churned.has(userId)) return userId;
    }
    return undefined;
  }
  for (let step = 0; step < scale.users; step += 1) {
    const userId = wrap((start + step) % scale.users);
    if (!audience.churned.has(userId)) return userId;
  }
  return undefined;
}

async function visitDrafts(
  plan: Plan,
  visit: number,
  orders: { count: number },
): Promise<Draft[] | undefined> {
  const { random, sources, scale, audience } = plan;
  const { startAt, leastSeconds } = slotOf(plan, visit);
  const userId = drawUser(plan);
  if (userId === undefined) return undefined;
  const isNew = !audience.active.has(userId);
  const user = { userId, at: startAt - 1_000 };
  const first = isNew ? await generateUser(random, user, sources, scale.faults) : [];
  audience.active.add(userId);
  const options = { random, sources, scale, userId, visit, startAt, orders, leastSeconds };
  const drafts = [...first, ...(await generateVisit(options))];
  if (!random.chance(scale.churn)) return drafts;
  audience.active.delete(userId);
  audience.churned.add(userId);
  const goneAt = Math.max(...drafts.map(({ sendAt }) => sendAt)) + 1_000;
  const body = { type: "churn", user_id: userId, timestamp: instant(goneAt) };
  return [...drafts, { userId, sendAt: goneAt, body }];
}

const bySendAt = (a: Draft, b: Draft): number => a.sendAt - b.sendAt;

/** Those due before a moment leave the list, in order; the few late ones stay in it. */
function takeDue(waiting: Draft[], before: number): Draft[] {
  const due = waiting.filter(({ sendAt }) => sendAt < before).toSorted(bySendAt);
  const rest = waiting.filter(({ sendAt }) => sendAt >= before);
  waiting.splice(0, waiting.length, ...rest);
  return due;
}

/** Longer than any session and any status of its orders: what is sent later than this is late. */
const visitSpanMs = 15 * minuteMs;

async function* drafts(plan: Plan): AsyncGenerator<Draft> {
  const late: Draft[] = [];
  const orders = { count: 0 };
  for (let visit = 0; visit < plan.scale.visits; visit += 1) {
    const found = await visitDrafts(plan, visit, orders);
    if (found === undefined) break;
    const startAt = found[0]?.sendAt ?? 0;
    if (late.length > 0) yield* takeDue(late, startAt);
    const limit = startAt + visitSpanMs;
    yield* found.filter(({ sendAt }) => sendAt < limit).toSorted(bySendAt);
    late.push(...found.filter(({ sendAt }) => sendAt >= limit));
  }
  yield* late.toSorted(bySendAt);
}

/**
 * The messages of one pass, one after the other: nothing is held in memory but what is late.
 * Equal options and an equal audience give equal bytes.
 *
 * @example for await (const { key, value } of produceBatch({ scale: "demo", pass: 1, now, audience })) send(key, value);
 */
export async function* produceBatch(options: BatchOptions): AsyncGenerator<OutgoingDraft> {
  const plan = planOf(options);
  const most = plan.scale.messages ?? Infinity;
  let sent = 0;
  for await (const draft of drafts(plan)) {
    if (sent >= most) return;
    sent += 1;
    yield outgoing(draft);
  }
}
