import { expect, test } from "@jest/globals";
import { dag } from "@tidemill/dag-core";
import {
  type LimitKey,
  type LimitSlots,
  limitsOf,
  slotsOf,
  statedLimits,
} from "../../../packages/dag-core/src/rules/limits.ts";
import {
  admitShared,
  type SharedCandidate,
  shareOf,
} from "../../../packages/dag-core/src/rules/share.ts";
import { type Dice, dice } from "../../helpers/simulation/random-dags.ts";

/** Ready and running tasks under limits of every kind, counted anew after each event. */
interface Wanted extends SharedCandidate {
  readonly id: number;
  readonly priority: number;
  readonly arrivedAt: number;
}

const run = () => undefined;
const pools = new Map<LimitKey, number>([
  ["pool:narrow", 2],
  ["pool:wide", 5],
  ["pool:shut", 0],
]);
const options = { schedule: null, startDate: "2026-01-01", maxActiveTasksPerDag: 4 } as const;
const kinds = [
  dag("one", options, ({ task }) => {
    task("plain", { pool: "narrow", run });
    task("double", { pool: "wide", poolSlots: 2, maxActivePerDag: 2, run });
    task("keyed", { concurrencyKey: { key: "k", limit: 1 }, run });
  }),
  dag("two", { ...options, maxActiveTasksPerDag: 3 }, ({ task }) => {
    task("plain", { pool: "narrow", run });
    task("keyed", { pool: "wide", concurrencyKey: { key: "k", limit: 1 }, run });
    task("never", { pool: "shut", run });
  }),
].flatMap(({ manifest }) =>
  manifest.tasks.map((task) => ({
    limits: limitsOf(manifest, task),
    poolSlots: task.poolSlots,
    stated: statedLimits(manifest, task),
  })),
);
const capacities = new Map([...pools, ...kinds.flatMap(({ stated }) => [...stated])]);

function takenBy(tasks: Iterable<Wanted>): Map<LimitKey, number> {
  const taken = new Map<LimitKey, number>();
  for (const { limits, poolSlots } of tasks) {
    for (const key of limits) taken.set(key, (taken.get(key) ?? 0) + slotsOf(key, poolSlots));
  }
  return taken;
}

function slotsLeft(partOf: (capacity: number) => number, taken: Map<LimitKey, number>): LimitSlots {
  const capacity = new Map([...capacities].map(([key, slots]) => [key, partOf(slots)]));
  const open = new Map([...capacity].map(([key, slots]) => [key, slots - (taken.get(key) ?? 0)]));
  return { open, capacity };
}

class Model {
  readonly ready: Wanted[] = [];
  readonly running = new Set<Wanted>();
  readonly #dice: Dice;
  readonly #slots = 8;
  #made = 0;

  constructor(seed: number) {
    this.#dice = dice(seed);
  }

  arrive(): void {
    const { pick, upTo, chance } = this.#dice;
    const { limits, poolSlots } = pick(kinds);
    // What can never start must not keep the rest out of the model.
    if (this.ready.length >= 30) this.ready.splice(upTo(29), 1);
    const id = ++this.#made;
    const wanted = { id, limits, poolSlots, priority: upTo(3), isBackfill: chance(0.3) };
    this.ready.push({ ...wanted, isLocked: true, arrivedAt: id });
  }

  end(): void {
    if (this.running.size > 0) this.running.delete(this.#dice.pick([...this.running]));
  }

  /** @returns how many started */
  claim(): number {
    const { chance } = this.#dice;
    const all = this.ready
      .toSorted((a, b) => b.priority - a.priority || a.id - b.id)
      .map((one) => ({ ...one, isLocked: chance(0.9) }));
    const slots = this.#slots - this.running.size;
    const backfills = [...this.running].filter((one) => one.isBackfill);
    const { admitted } = admitShared(all, {
      slots,
      backfillSlots: shareOf(this.#slots, 50) - backfills.length,
      limits: slotsLeft((capacity) => capacity, takenBy(this.running)),
      share: slotsLeft((capacity) => shareOf(capacity, 50), takenBy(backfills)),
      isAllOther: true,
    });
    for (const { id } of admitted) {
      const at = this.ready.findIndex((one) => one.id === id);
      for (const one of this.ready.splice(at, 1)) this.running.add(one);
    }
    return admitted.length;
  }

  exceeded(): readonly string[] {
    const over = [...takenBy(this.running)].filter(([key, n]) => n > (capacities.get(key) ?? 0));
    return [
      ...over.map(([key, n]) => `${key} holds ${n} of ${capacities.get(key)}`),
      ...(this.running.size > this.#slots ? ["more runs than there are slots"] : []),
    ];
  }

  step(): number {
    const { chance } = this.#dice;
    if (chance(0.4)) return (this.arrive(), 1);
    if (chance(0.5)) return (this.end(), 1);
    return 1 + this.claim();
  }
}

test("a million arrivals, starts and ends exceed no limit", () => {
  let events = 0;
  let most = 0;
  for (let seed = 0; events < 1_000_000; seed++) {
    const model = new Model(seed);
    for (let step = 0; step < 2_000; step++) {
      events += model.step();
      most = Math.max(most, model.running.size);
      const exceeded = model.exceeded();
      if (exceeded.length > 0)
        throw new Error(`seed ${seed}, step ${step}: ${exceeded.join(", ")}`);
    }
  }
  expect(events).toBeGreaterThanOrEqual(1_000_000);
  // Two of the narrow pool, two doubles in the wide one, one under the key: what never fills up proves nothing.
  expect(most).toBe(5);
});

test.each([1, 3, 10])(
  "of %i who want a slot and come again at once, each waits for the others only once",
  (crowd) => {
    const slots = 2;
    const queue = [...Array(crowd * slots).keys()].map((id) => ({
      id,
      limits: ["pool:p"],
      poolSlots: 1,
      isBackfill: false,
      isLocked: true,
    }));
    const waited = new Map(queue.map(({ id }) => [id, 0]));
    let longest = 0;
    for (let round = 0; round < 1_000; round++) {
      const open = new Map([["pool:p", slots]]);
      const pool = { open, capacity: open };
      const all = { slots: 100, backfillSlots: 100, isAllOther: true };
      const { admitted } = admitShared(queue, { limits: pool, share: pool, ...all });
      expect(admitted).toHaveLength(slots);
      // Those that ran are later now: of one priority the earlier logical date comes first.
      queue.push(...queue.splice(0, slots));
      for (const { id } of queue) waited.set(id, (waited.get(id) ?? 0) + 1);
      for (const { id } of admitted) waited.set(id, 0);
      longest = Math.max(longest, ...waited.values());
    }
    expect(longest).toBe(crowd - 1);
  },
);

test("a backfill starts within its share however much else waits, and the others in what is left", () => {
  const want = (id: number, isBackfill: boolean) => {
    return { id, limits: ["pool:p"], poolSlots: 1, isBackfill, isLocked: true };
  };
  const queue = [...Array(50).keys()].map((n) => want(n, n >= 40));
  const { admitted } = admitShared(queue, {
    slots: 100,
    backfillSlots: 50,
    limits: { open: new Map([["pool:p", 4]]), capacity: new Map([["pool:p", 4]]) },
    share: {
      open: new Map([["pool:p", shareOf(4, 50)]]),
      capacity: new Map([["pool:p", shareOf(4, 50)]]),
    },
    isAllOther: true,
  });
  expect(admitted.filter((one) => one.isBackfill)).toHaveLength(2);
  expect(admitted.filter((one) => !one.isBackfill)).toHaveLength(2);
});

test("among tasks of one to four slots, none waits longer than all before it could take one after the other", () => {
  const capacity = new Map([["pool:p", 4]]);
  const longest = 5;
  let most = 0;
  for (let seed = 0; seed < 200; seed++) {
    const { upTo, chance } = dice(seed);
    const waiting: { poolSlots: number; latestAt: number }[] = [];
    let running: { poolSlots: number; endsAt: number }[] = [];
    for (let now = 0; now < 300; now++) {
      running = running.filter((one) => one.endsAt > now);
      // Small ones come all the time; one that is overtaken by them would never start.
      while (waiting.length < 6) {
        const latestAt = now + (waiting.length + running.length) * longest;
        waiting.push({ poolSlots: chance(0.15) ? 1 + upTo(3) : 1, latestAt });
      }
      const taken = running.reduce((sum, one) => sum + one.poolSlots, 0);
      const limits = { open: new Map([["pool:p", 4 - taken]]), capacity };
      // As a process with few free slots sees it: only the first of what waits.
      const seen = waiting.slice(0, 1 + upTo(5)).map((one) => {
        return { one, poolSlots: one.poolSlots, limits: ["pool:p"] };
      });
      const locked = seen.map((one) => {
        return { ...one, isBackfill: false, isLocked: chance(0.9) };
      });
      const all = { slots: 10, backfillSlots: 0, isAllOther: true };
      for (const { one } of admitShared(locked, { limits, share: limits, ...all }).admitted) {
        waiting.splice(waiting.indexOf(one), 1);
        running.push({ poolSlots: one.poolSlots, endsAt: now + 1 + upTo(longest - 1) });
        most = Math.max(most, one.poolSlots);
      }
      const late = waiting.filter((one) => one.latestAt + longest < now);
      if (late.length > 0) throw new Error(`seed ${seed}: ${JSON.stringify(late)} at ${now}`);
    }
  }
  expect(most).toBe(4);
});
