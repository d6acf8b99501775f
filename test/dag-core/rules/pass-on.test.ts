import { describe, expect, test } from "@jest/globals";
import { dag } from "@tidemill/dag-core";
import { type LimitKey, slotsOf } from "../../../packages/dag-core/src/rules/limits.ts";
import {
  type Freed,
  isMoreElsewhere,
  passOn,
  sharesOf,
} from "../../../packages/dag-core/src/rules/pass-on.ts";
import { admitShared, shareOf } from "../../../packages/dag-core/src/rules/share.ts";
import { runStateOf } from "../../helpers/run-state.ts";
import { dice } from "../../helpers/simulation/random-dags.ts";

const orderAt = new Date(0);
const want = (id: number, facts: object = {}) => ({
  taskInstanceId: String(id),
  limits: ["pool:p"],
  poolSlots: 1,
  priorityWeight: 1,
  orderAt,
  isBackfill: false,
  ...facts,
});
const freed = (slots: number, ...first: readonly ReturnType<typeof want>[]) =>
  new Map([["pool:p", { slots, first }]]);
const ids = (chosen: readonly { readonly taskInstanceId: string }[]) =>
  chosen.map((one) => Number(one.taskInstanceId));

describe("passOn", () => {
  test("in the order of claims, while slots last", () => {
    const all = [want(3), want(10), want(2), want(20, { priorityWeight: 5 })];
    expect(ids(passOn(all, freed(3), 9))).toEqual([20, 2, 3]);
    expect(ids(passOn(all, freed(3), 1))).toEqual([20]);
    expect(passOn(all, freed(-1), 9)).toEqual([]);
  });

  test("nothing that another run comes first for", () => {
    const all = [want(3), want(10)];
    expect(ids(passOn(all, freed(2, want(5)), 9))).toEqual([3]);
    expect(passOn(all, freed(2, want(99, { priorityWeight: 2 })), 9)).toEqual([]);
    expect(passOn(all, freed(2, want(99, { orderAt: new Date(-1) })), 9)).toEqual([]);
  });

  test("nothing where backfills and others want the same", () => {
    const isBackfill = true;
    expect(passOn([want(3)], freed(2, want(5, { isBackfill })), 9)).toEqual([]);
    expect(passOn([want(3), want(5, { isBackfill })], freed(2), 9)).toEqual([]);
    expect(ids(passOn([want(3, { isBackfill })], freed(2), 9))).toEqual([3]);
  });

  test("nothing behind one that wants more than comes back, or something else too", () => {
    expect(passOn([want(3, { poolSlots: 2 }), want(4)], freed(1), 9)).toEqual([]);
    expect(passOn([want(3, { limits: ["pool:p", "key:k"] }), want(4)], freed(1), 9)).toEqual([]);
  });

  test("only what a claim would choose too", () => {
    let passed = 0;
    for (let seed = 0; seed < 5_000; seed++) {
      const { upTo, chance, pick } = dice(seed);
      const keys = ["pool:p", "pool:q", "key:k"];
      const one = (id: number) =>
        want(id, {
          limits: chance(0.7) ? [pick(keys)] : [pick(keys.slice(0, 2)), "key:k"],
          poolSlots: chance(0.8) ? 1 : 2,
          priorityWeight: upTo(1),
          isBackfill: chance(0.2),
        });
      const [own, others] = [[...Array(upTo(6)).keys()], [...Array(upTo(3)).keys()]];
      const candidates = own.map((n) => one(2 * n));
      const elsewhere = others.map((n) => one(2 * n + 1));
      const byOrder = (list: typeof candidates) =>
        list.toSorted(
          (a, b) =>
            b.priorityWeight - a.priorityWeight ||
            Number(a.taskInstanceId) - Number(b.taskInstanceId),
        );
      const back = new Map<LimitKey, Freed>(
        keys.slice(upTo(2)).map((key) => {
          const waiting = byOrder(elsewhere).filter((other) => other.limits.includes(key));
          const first = [true, false].flatMap(
            (kind) => waiting.find((other) => other.isBackfill === kind) ?? [],
          );
          return [key, { slots: 1 + upTo(2), first }];
        }),
      );
      const open = new Map(keys.map((key) => [key, back.get(key)?.slots ?? upTo(2)]));
      const capacity = new Map(keys.map((key) => [key, 8]));
      const chosen = passOn(candidates, back, 100);
      const share = new Map(keys.map((key) => [key, shareOf(open.get(key) ?? 0, 50)]));
      const { admitted } = admitShared(
        byOrder([...candidates, ...elsewhere]).map((all) => ({ ...all, isLocked: true })),
        {
          slots: 100,
          backfillSlots: 50,
          limits: { open, capacity },
          share: { open: share, capacity },
          isAllOther: true,
        },
      );
      expect(ids(admitted)).toEqual(expect.arrayContaining(ids(chosen)));
      for (const key of keys) {
        const taken = chosen
          .filter(({ limits }) => limits.includes(key))
          .reduce((sum, { poolSlots }) => sum + slotsOf(key, poolSlots), 0);
        expect(taken).toBeLessThanOrEqual(back.get(key)?.slots ?? 0);
      }
      passed += chosen.length;
    }
    expect(passed).toBeGreaterThan(1_000);
  });
});

test("a run is elsewhere where another process runs more of it, or as much and came first", () => {
  const wide = dag("d", { schedule: null, startDate: "2026-01-01" }, ({ each }) => {
    each("m", { over: [1, 2, 3], run: () => undefined });
  });
  const running = (processId: string) => ({ state: "running", processId }) as const;
  const run = runStateOf(wide, { "m[0]": running("7"), "m[1]": running("7"), "m[2]": "success" });
  const isElsewhere = (processId: string, ended: number) =>
    isMoreElsewhere(sharesOf(run, processId, ended), processId);
  expect(isElsewhere("9", 1)).toBe(true);
  expect(isElsewhere("9", 2)).toBe(true);
  expect(isElsewhere("5", 2)).toBe(false);
  expect(isElsewhere("9", 3)).toBe(false);
  expect(isElsewhere("7", 0)).toBe(false);
});
