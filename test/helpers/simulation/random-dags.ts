import { type Dag, dag, type DagBuilder, type TaskRef } from "@tidemill/dag-core";
import { randomFrom } from "../../../packages/dag-core/src/testing/simulation/random.ts";

export interface Dice {
  /** In [0, 1). */
  readonly number: () => number;
  readonly chance: (part: number) => boolean;
  readonly upTo: (most: number) => number;
  readonly pick: <T>(values: readonly T[]) => T;
}

export function dice(seed: number): Dice {
  const number = randomFrom(seed);
  const upTo = (most: number) => Math.floor(number() * (most + 1));
  const pick = <T>(values: readonly T[]): T => {
    const value = values[upTo(values.length - 1)];
    if (value === undefined) throw new Error("There is nothing to pick from");
    return value;
  };
  return { number, upTo, pick, chance: (part) => number() < part };
}

export const pools = { narrow: 1, wide: 3 } as const;

/** Rules under which the result of a task does not depend on which upstream ends first. */
const steadyRules = ["all_success", "all_done", "none_failed", "always"] as const;
const rules = [
  ...steadyRules,
  "all_failed",
  "one_success",
  "one_failed",
  "one_done",
  "none_failed_min_one_success",
  "none_skipped",
  "all_skipped",
  "all_done_min_one_success",
] as const;
const periodic = [
  "@hourly",
  { every: "20m" },
  { cron: "*/30 * * * *", interval: "none" },
  ["0 * * * *", "30 * * * *"],
] as const;

/** How many different DAGs there are; each of two versions and of two kinds. */
const variety = 400;
const made = new Map<string, Dag>();

export interface RandomDagOptions {
  /** Whether the results of its runs depend on nothing but the results of its tasks. */
  readonly isSteady: boolean;
  /** 2 has a task more than 1. */
  readonly version: 1 | 2;
}

/** A small DAG that a number decides: shapes, rules, limits and schedules of every kind. */
export function randomDag(n: number, options: RandomDagOptions): Dag {
  const shape = n % variety;
  const key = `${options.isSteady}/${options.version}/${shape}`;
  const known = made.get(key);
  if (known) return known;
  const fresh = makeDag(shape, options);
  made.set(key, fresh);
  return fresh;
}

function makeDag(shape: number, { isSteady, version }: RandomDagOptions): Dag {
  const { pick, chance, upTo, number } = dice(shape * 2 + (isSteady ? 1 : 0));
  const schedule = isSteady ? pick(periodic) : pick([...periodic, null, "@once"] as const);
  const options = {
    schedule,
    startDate: "2026-01-01",
    endDate: pick(["2026-01-01T00:30:00Z", "2026-01-01T01:00:00Z"]),
    catchup: isSteady ? ("all" as const) : pick(["all", "all", "latest", "none"] as const),
    maxActiveRuns: 1 + upTo(2),
    runState: pick(["leaves", "any_failure"] as const),
    ...(chance(0.3) && { maxActiveTasks: 1 + upTo(1) }),
    ...(chance(0.3) && { maxActiveTasksPerDag: 1 + upTo(1) }),
    ...(!isSteady && chance(0.15) && { timeout: "90m" as const }),
  };
  const tasks = 1 + upTo(3);
  const seed = Math.floor(number() * 2 ** 32);
  const failFast = !isSteady && chance(0.2);
  return dag(`${isSteady ? "steady" : "any"}_${shape}`, { ...options, failFast }, (builder) => {
    declare(builder, { tasks, seed, isSteady, failFast });
    if (version === 2) builder.task("added", { run: () => undefined });
  });
}

interface Shape {
  readonly tasks: number;
  readonly seed: number;
  readonly isSteady: boolean;
  /** Every task then has the rule that goes with it. */
  readonly failFast: boolean;
}

/** Kinds whose results depend on when they run, or on what others do. */
const unsteadyKinds = ["branch", "short", "clustered", "event"] as const;
/** Events that tasks wait for and send. */
export const eventNames = ["go_0", "go_1", "go_2"] as const;

function declare(builder: DagBuilder<object>, shape: Shape): void {
  const { tasks, seed, isSteady, failFast } = shape;
  const { pick, chance, upTo } = dice(seed);
  const earlier: TaskRef[] = [];
  const run = () => undefined;
  for (let n = 0; n < tasks; n++) {
    const id = `t${n}`;
    const after = earlier.filter(() => chance(0.5));
    const common = {
      after,
      triggerRule: failFast ? "all_success" : pick(isSteady ? steadyRules : rules),
      retries: upTo(2),
      retryDelay: pick(["1s", "30s", "5m"] as const),
      priorityWeight: 1 + upTo(3),
      ...(chance(0.4) && { pool: pick(["narrow", "wide"] as const) }),
      ...(chance(0.2) && { pool: "wide" as const, poolSlots: 2 }),
      ...(chance(0.2) && { maxActivePerDag: 1 }),
      ...(chance(0.2) && { concurrencyKey: { key: "shared", limit: 1 } }),
      ...(!isSteady && chance(0.2) && { timeout: "4m" as const }),
    };
    const kind = pick([
      "task",
      "task",
      "task",
      "each",
      "sensor",
      ...(isSteady ? [] : unsteadyKinds),
    ]);
    if (kind === "each") {
      const { triggerRule: _, ...own } = common;
      const over = builder.task(`${id}_list`, { after, run: () => [1] });
      const most = chance(0.5) ? { maxActive: 1 } : {};
      earlier.push(builder.each(id, { ...own, ...most, after: [], over, run }));
    } else if (kind === "sensor") {
      const { retries, retryDelay, priorityWeight } = common;
      const own = { after, retries, retryDelay, priorityWeight };
      earlier.push(builder.sensor(id, { ...own, every: "30s", timeout: "20h", poke: () => true }));
    } else if (kind === "short") {
      earlier.push(builder.shortCircuit(id, { after, run: () => true }));
    } else if (kind === "clustered") {
      const made = builder.setup(`${id}_setup`, { after, run });
      const work = builder.task(id, { after: [made], run });
      builder.teardown(`${id}_teardown`, { of: [made], after: [work], run });
      earlier.push(work);
    } else if (kind === "event") {
      earlier.push(builder.waitForEvent(id, { after, event: "go", timeout: "40m" }));
    } else if (kind === "branch") {
      const choice = builder.branch(id, { after, cases: ["left", "right"], run: () => "left" });
      earlier.push(builder.task(`${id}_left`, { when: choice.is("left"), run }));
      earlier.push(builder.task(`${id}_right`, { when: choice.is("right"), run }));
    } else {
      earlier.push(builder.task(id, { ...common, run }));
    }
  }
}
