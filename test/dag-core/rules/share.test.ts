import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { slotsOf } from "../../../packages/dag-core/src/rules/limits.ts";
import {
  admitShared,
  shareOf,
  type SharedCandidate,
} from "../../../packages/dag-core/src/rules/share.ts";
import { draw } from "../../helpers/property.ts";

test.each([
  [16, 25, 4],
  [4, 25, 1],
  [2, 25, 1],
  [3, 1, 1],
  [1, 25, 0],
  [0, 25, 0],
  [10, 99, 9],
  [10, 100, 10],
  [1, 100, 1],
])("of %i slots, %i percent are %i", (slots, percent, share) => {
  expect(shareOf(slots, percent)).toBe(share);
});

interface Candidate extends SharedCandidate {
  readonly id: string;
}

const one = (id: string, given: Partial<Candidate> = {}): Candidate => ({
  id,
  limits: [],
  poolSlots: 1,
  isBackfill: id.startsWith("b"),
  isLocked: true,
  ...given,
});
const pooled = (...ids: string[]) => ids.map((id) => one(id, { limits: ["pool:p"] }));
const nothing = new Map<string, number>();

interface Given {
  readonly slots?: number;
  readonly backfillSlots?: number;
  readonly pool?: number;
  readonly poolShare?: number;
  readonly isAllOther?: boolean;
}

function admitted(candidates: readonly Candidate[], given: Given = {}): readonly string[] {
  const { slots = 10, backfillSlots = slots, pool, poolShare = 0, isAllOther = true } = given;
  const slotsOfPool = (free: number) => {
    const open = pool === undefined ? nothing : new Map([["pool:p", free]]);
    return { open, capacity: nothing };
  };
  const limits = slotsOfPool(pool ?? 0);
  const share = slotsOfPool(poolShare);
  const chosen = admitShared(candidates, { slots, backfillSlots, limits, share, isAllOther });
  return chosen.admitted.map(({ id }) => id);
}

describe("where backfills and others want the same slots", () => {
  const both = ["b1", "b2", "b3", "o1", "o2", "o3"].map((id) => one(id));

  test("a backfill gets its share and no more", () => {
    expect(admitted(both, { slots: 4, backfillSlots: 1 })).toEqual(["b1", "o1", "o2", "o3"]);
  });

  test("one that has its share gets what nobody else wants", () => {
    expect(admitted(both, { slots: 5, backfillSlots: 0 })).toEqual(["o1", "o2", "o3", "b1", "b2"]);
  });

  test("one that has more than its share waits", () => {
    expect(admitted(both, { slots: 2, backfillSlots: -3 })).toEqual(["o1", "o2"]);
  });

  test("it waits too while others may stand behind those that were read", () => {
    expect(admitted(both, { slots: 4, backfillSlots: 0, isAllOther: false })).toHaveLength(3);
  });

  test("in a pool it gets the share of the pool", () => {
    const wanting = pooled("b1", "b2", "o1", "o2", "o3");
    expect(admitted(wanting, { pool: 3, poolShare: 1 })).toEqual(["b1", "o1", "o2"]);
    expect(admitted(wanting, { pool: 3, poolShare: 0 })).toEqual(["o1", "o2", "o3"]);
    expect(admitted(pooled("b1", "b2"), { pool: 2, poolShare: 0 })).toEqual(["b1", "b2"]);
  });

  test("what another transaction is at keeps its slots", () => {
    const blocked = [...pooled("b1", "b2"), one("o1", { limits: ["pool:p"], isLocked: false })];
    expect(admitted(blocked, { pool: 2, poolShare: 0 })).toEqual(["b1"]);
    expect(admitted(blocked, { slots: 1, backfillSlots: 0, pool: 9 })).toEqual([]);
  });

  test("one of several slots is not overtaken while another transaction is at it", () => {
    const double = one("o1", { limits: ["pool:p"], poolSlots: 2, isLocked: false });
    expect(admitted([double, ...pooled("o2", "o3")], { pool: 3 })).toEqual(["o2"]);
  });

  test("a backfill that its share lets start gets slots before the others take them one by one", () => {
    const double = one("b1", { limits: ["pool:p"], poolSlots: 2 });
    const wanting = [double, ...pooled("b2", "o1", "o2")];
    expect(admitted(wanting, { pool: 1, poolShare: 2 })).toEqual([]);
    expect(admitted(wanting, { pool: 2, poolShare: 2 })).toEqual(["b1"]);
    // Held back by its share alone, it leaves the pool to the others, and its share to nobody.
    expect(admitted(wanting, { pool: 2, poolShare: 1 })).toEqual(["o1", "o2"]);
  });
});

const candidate = fc.record({
  isBackfill: fc.boolean(),
  isLocked: fc.boolean(),
  poolSlots: fc.integer({ min: 1, max: 3 }),
  limits: fc.subarray(["pool:p", "key:k"]),
});

test("no limit is exceeded, no slot is left idle that a candidate could take, and others come before what is over the share", () => {
  fc.assert(
    fc.property(
      fc.array(candidate, { maxLength: 12 }),
      fc.integer({ min: 0, max: 8 }),
      fc.integer({ min: 0, max: 4 }),
      fc.tuple(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 4 })),
      (given, slots, backfillSlots, [pool, share]) => {
        const all = given.map((one, index) => ({ ...one, id: String(index) }));
        const open = new Map([
          ["pool:p", pool],
          ["key:k", 2],
        ]);
        const openShare = new Map([
          ["pool:p", share],
          ["key:k", 1],
        ]);
        const { admitted } = admitShared(all, {
          slots,
          backfillSlots,
          limits: { open, capacity: nothing },
          share: { open: openShare, capacity: nothing },
          isAllOther: true,
        });
        const left = new Map(open);
        for (const { limits, poolSlots } of admitted) {
          for (const key of limits) left.set(key, (left.get(key) ?? 0) - slotsOf(key, poolSlots));
        }
        const fits = ({ limits, poolSlots }: SharedCandidate) =>
          limits.every((key) => (left.get(key) ?? 0) >= slotsOf(key, poolSlots));
        expect(admitted.length).toBeLessThanOrEqual(slots);
        expect(admitted.every((one) => one.isLocked)).toBe(true);
        expect(new Set(admitted).size).toBe(admitted.length);
        expect([...left.values()].every((slots) => slots >= 0)).toBe(true);
        const late = all.filter((one) => !admitted.includes(one));
        // What is left of a pool may be kept for one that wants more of it.
        const isKept = late.some((one) => one.poolSlots > 1 && one.limits.includes("pool:p"));
        const waiting = late.filter(
          (one) => one.isLocked && fits(one) && !(isKept && one.limits.includes("pool:p")),
        );
        const isBlocked = all.some(
          (one) => !one.isLocked && (!one.isBackfill || one.poolSlots > 1),
        );
        const isIdle = !isBlocked && admitted.length < slots;
        expect(waiting.filter(() => isIdle)).toEqual([]);
        const isOver = admitted.filter((one) => one.isBackfill).length > backfillSlots;
        const isOvertaken = isOver && !all.some((one) => !one.isLocked && one.poolSlots > 1);
        expect(waiting.filter((one) => isOvertaken && !one.isBackfill)).toEqual([]);
      },
    ),
    { ...draw, numRuns: 5_000 },
  );
});
