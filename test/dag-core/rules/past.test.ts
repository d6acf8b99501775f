import { describe, expect, test } from "@jest/globals";
import { type Dag, dag } from "@tidemill/dag-core";
import type {
  DagRunState,
  TaskInstanceState,
} from "../../../packages/dag-core/src/definition/states.ts";
import { dagGraph } from "../../../packages/dag-core/src/rules/dag-graph.ts";
import { decide } from "../../../packages/dag-core/src/rules/decide.ts";
import {
  type Past,
  pastHold,
  waitsForPastOnly,
} from "../../../packages/dag-core/src/rules/past.ts";
import { plainDag } from "../../helpers/factory.ts";
import { runStateOf, statesOf } from "../../helpers/run-state.ts";

const now = new Date("2026-01-05T00:00:00Z");
const dependent = (options: object = {}) =>
  plainDag("d", { a: [], b: ["a"], c: ["b"] }, { defaults: { dependsOnPast: true }, ...options });
const downstream = plainDag(
  "d",
  { a: [], b: ["a"], c: ["b"] },
  { defaults: { waitForDownstream: true } },
);

type States = Readonly<Record<string, readonly TaskInstanceState[]>>;
/** What a run looks back on: states of the previous run, by task. */
const past = (states: States, given: Partial<Past> = {}, previous: Dag = dependent()): Past => ({
  isFirstOfBackfill: false,
  hadBefore: new Set(),
  previous: {
    dagRunId: "1",
    runId: "before",
    logicalDate: new Date("2026-01-04T00:00:00Z"),
    state: "running",
    isOfSameBackfill: false,
    changed: 1,
    graph: dagGraph(previous.manifest, "hash"),
    states: new Map(Object.entries(states)),
  },
  ...given,
});
const holdOf = ({ manifest }: Dag, taskId: string, looked: Past) => {
  const task = manifest.tasks.find((one) => one.taskId === taskId);
  if (!task) throw new Error(`no task ${taskId}`);
  return pastHold(manifest, task, looked)?.heldBy;
};

describe("dependsOnPast", () => {
  test.each<[TaskInstanceState, boolean]>([
    ["success", true],
    ["skipped", true],
    ["none", false],
    ["scheduled", false],
    ["queued", false],
    ["running", false],
    ["up_for_retry", false],
    ["up_for_reschedule", false],
    ["deferred", false],
    ["failed", false],
    ["upstream_failed", false],
    ["removed", false],
    ["cancelled", false],
  ])("the task was %s in the previous run: passes %p", (state, passes) => {
    expect(holdOf(dependent(), "a", past({ a: [state] }))).toEqual(
      passes ? undefined : [`a is ${state}`],
    );
  });

  test("every instance of a mapped task must have passed", () => {
    expect(holdOf(dependent(), "a", past({ a: ["success", "skipped"] }))).toBeUndefined();
    expect(holdOf(dependent(), "a", past({ a: ["success", "failed"] }))).toEqual(["a is failed"]);
  });

  test("a previous run that has not started has no task instances yet, and holds", () => {
    expect(holdOf(dependent(), "a", past({}))).toEqual(["a is not there yet"]);
  });

  test("what follows the task in the previous run is asked by waitForDownstream only, and only the next ones", () => {
    const open = past({ a: ["success"], b: ["running"], c: ["none"] });
    expect(holdOf(dependent(), "a", open)).toBeUndefined();
    expect(holdOf(downstream, "a", open)).toEqual(["b is running"]);
    const passed = past({ a: ["success"], b: ["skipped"], c: ["failed"] });
    expect(holdOf(downstream, "a", passed)).toBeUndefined();
  });

  test("waitForDownstream asks for the task itself too", () => {
    const looked = past({ a: ["failed"], b: ["success"] });
    expect(holdOf(downstream, "a", looked)).toEqual(["a is failed"]);
  });
});

describe("a wait that nothing can end by itself", () => {
  const isStuck = (states: States, state: DagRunState) => {
    const looked = past(states);
    const previous = looked.previous && { ...looked.previous, state };
    const { manifest } = dependent();
    return manifest.tasks.map((task) => pastHold(manifest, task, { ...looked, previous })?.isStuck);
  };

  test("is for a task that has ended badly, or that a run has not come to when it ended", () => {
    const under = { a: ["running"], b: ["failed", "running"], c: ["success"] } as const;
    expect(isStuck(under, "running")).toEqual([false, true, undefined]);
    expect(isStuck({ a: ["removed"], b: ["none"], c: [] }, "running")).toEqual([
      true,
      false,
      false,
    ]);
    expect(isStuck({ a: ["skipped"] }, "cancelled")).toEqual([undefined, true, true]);
  });
});

describe("first runs", () => {
  const failed = { a: ["failed"] } as const;

  test("without the option, without a previous run, first of a backfill: nothing holds", () => {
    expect(holdOf(plainDag("d"), "a", past(failed))).toBeUndefined();
    expect(holdOf(dependent(), "a", past(failed, { previous: undefined }))).toBeUndefined();
    expect(holdOf(dependent(), "a", past(failed, { isFirstOfBackfill: true }))).toBeUndefined();
  });

  test("a previous run before the start date of a DAG that catches up does not count", () => {
    const from = { startDate: "2026-01-05", catchup: "all", schedule: "@daily" } as const;
    expect(holdOf(dependent(from), "a", past(failed))).toBeUndefined();
    expect(holdOf(dependent({ ...from, catchup: "latest" }), "a", past(failed))).toEqual([
      "a is failed",
    ]);
    expect(holdOf(dependent({ ...from, startDate: "2026-01-04" }), "a", past(failed))).toEqual([
      "a is failed",
    ]);
  });

  test("a previous run of the same backfill counts before the start date too", () => {
    const from = { startDate: "2026-01-05", catchup: "all", schedule: "@daily" } as const;
    const looked = past(failed);
    const previous = looked.previous && { ...looked.previous, isOfSameBackfill: true };
    expect(holdOf(dependent(from), "a", { ...looked, previous })).toEqual(["a is failed"]);
  });

  test("a task that the previous run does not have passes if no run had it, else it is held", () => {
    const before = plainDag("d", { b: [], c: ["b"] });
    expect(holdOf(dependent(), "a", past({}, {}, before))).toBeUndefined();
    const away = past({}, { hadBefore: new Set(["a"]) }, before);
    expect(holdOf(dependent(), "a", away)).toEqual([]);
  });
});

describe("a decision", () => {
  const both = dag("d", { schedule: null, startDate: "2026-01-01" }, ({ task }) => {
    task("free", { run: () => undefined });
    const a = task("a", { dependsOnPast: true, run: () => undefined });
    task("b", { after: [a], run: () => undefined });
  });

  test("asks for the past first, then holds what it holds and nothing else", () => {
    const run = runStateOf(both);
    decide(run, run.graph.tasks.keys(), now);
    expect([...run.pastWanted]).toEqual(["a"]);
    expect(waitsForPastOnly(run)).toBe(false);
    run.past = past({ a: ["running"] }, {}, both);
    decide(run, ["a"], now);
    expect(statesOf(run)).toEqual({ free: "scheduled", a: "none", b: "none" });
    expect([...run.pastHolds.keys()]).toEqual(["a"]);
    expect(waitsForPastOnly(run)).toBe(false);
  });

  test("a run with nothing but its past left to wait for is told apart", () => {
    const run = runStateOf(both, { free: "success" });
    run.past = past({ a: ["failed"] }, {}, both);
    decide(run, run.graph.tasks.keys(), now);
    expect(waitsForPastOnly(run)).toBe(true);
    run.past = past({ a: ["success"] }, {}, both);
    decide(run, ["a"], now);
    expect(statesOf(run)["a"]).toBe("scheduled");
    expect(waitsForPastOnly(run)).toBe(false);
  });

  test("a rule that skips or fails a task does not wait for the past", () => {
    const run = runStateOf(dependent(), { a: "failed" });
    decide(run, ["b"], now);
    expect(statesOf(run)).toEqual({ a: "failed", b: "upstream_failed", c: "upstream_failed" });
    expect([...run.pastWanted]).toEqual([]);
  });
});
