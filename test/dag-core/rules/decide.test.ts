import { describe, expect, test } from "@jest/globals";
import { dag, type Dag } from "@tidemill/dag-core";
import type { TaskInstanceState } from "../../../packages/dag-core/src/definition/states.ts";
import type { TriggerRule } from "../../../packages/dag-core/src/definition/trigger-rule.ts";
import { decide, schedule, wakeDue } from "../../../packages/dag-core/src/rules/decide.ts";
import { type InstanceFacts, only, runStateOf, statesOf } from "../../helpers/run-state.ts";

const now = new Date("2026-03-01T12:00:00Z");
const options = { schedule: null, startDate: "2026-01-01" } as const;
const nothing = { run: () => undefined };

/** Decides from the tasks given, or from all. @returns the states after it */
function decided(
  of: Dag,
  states: Record<string, TaskInstanceState | InstanceFacts>,
  from?: string[],
) {
  const run = runStateOf(of, states);
  decide(run, from ?? of.manifest.tasks.map((task) => task.taskId), now);
  return { run, states: statesOf(run) };
}

function joined(triggerRule: TriggerRule): Dag {
  return dag("d", options, ({ task }) => {
    const a = task("a", nothing);
    const b = task("b", nothing);
    task("end", { after: [a, b], triggerRule, ...nothing });
  });
}

type Row = readonly [TriggerRule, TaskInstanceState, TaskInstanceState, TaskInstanceState];
const rows: readonly Row[] = [
  ["all_success", "success", "success", "scheduled"],
  ["all_success", "success", "running", "none"],
  ["all_success", "success", "up_for_retry", "none"],
  ["all_success", "failed", "running", "upstream_failed"],
  ["all_success", "cancelled", "running", "upstream_failed"],
  ["all_success", "skipped", "running", "skipped"],
  ["all_failed", "failed", "upstream_failed", "scheduled"],
  ["all_failed", "success", "running", "skipped"],
  ["all_done", "failed", "skipped", "scheduled"],
  ["all_done", "failed", "running", "none"],
  ["all_done_min_one_success", "success", "failed", "scheduled"],
  ["all_done_min_one_success", "failed", "failed", "upstream_failed"],
  ["one_success", "success", "running", "scheduled"],
  ["one_success", "failed", "failed", "upstream_failed"],
  ["one_failed", "failed", "running", "scheduled"],
  ["one_failed", "success", "success", "skipped"],
  ["one_done", "failed", "running", "scheduled"],
  ["none_failed", "success", "skipped", "scheduled"],
  ["none_failed", "failed", "running", "upstream_failed"],
  ["none_failed_min_one_success", "skipped", "skipped", "skipped"],
  ["none_failed_min_one_success", "skipped", "success", "scheduled"],
  ["none_skipped", "failed", "success", "scheduled"],
  ["none_skipped", "skipped", "running", "skipped"],
  ["all_skipped", "skipped", "skipped", "scheduled"],
  ["all_skipped", "skipped", "success", "skipped"],
  ["always", "running", "running", "scheduled"],
  ["all_success", "removed", "success", "upstream_failed"],
];

describe("a task after two others", () => {
  test.each(rows)("rule %s: after %s and %s it is %s", (rule, a, b, end) => {
    expect(decided(joined(rule), { a, b }).states["end"]).toBe(end);
  });

  test("what is decided once is not decided again", () => {
    const { run } = decided(joined("one_success"), { a: "success", b: "running" });
    decide(run, ["end"], now);
    expect(only(run, "end")).toMatchObject({ state: "scheduled", tryNumber: 1, readyAt: now });
  });

  test("a first task is ready, with its first try and no wake-up", () => {
    const { run } = decided(joined("all_success"), {});
    expect(only(run, "a")).toMatchObject({ state: "scheduled", tryNumber: 1, wakeAt: null });
    expect(only(run, "end").state).toBe("none");
  });
});

describe("a chain", () => {
  const chain = dag("d", options, ({ task }) => {
    const a = task("a", nothing);
    const b = task("b", { after: [a], ...nothing });
    const c = task("c", { after: [b], ...nothing });
    task("cleanup", { after: [c], triggerRule: "all_done", ...nothing });
  });

  test("a failure runs down to the task that cleans up", () => {
    const { states, run } = decided(chain, { a: "failed" }, ["b"]);
    expect(states).toEqual({
      a: "failed",
      b: "upstream_failed",
      c: "upstream_failed",
      cleanup: "scheduled",
    });
    expect(only(run, "c")).toMatchObject({ reason: "upstream", endedAt: now });
  });

  test("a skip runs down too, and counts as done", () => {
    expect(decided(chain, { a: "skipped" }, ["b"]).states).toMatchObject({
      b: "skipped",
      c: "skipped",
      cleanup: "scheduled",
    });
  });

  test("only what is downstream of a change is looked at", () => {
    expect(decided(chain, { a: "success", b: "none" }, ["c"]).states).toMatchObject({ b: "none" });
  });
});

describe("a branch", () => {
  const branched = dag("d", options, ({ task, branch }) => {
    const way = branch("way", { cases: ["left", "right"], run: () => "left" });
    const left = task("left", { when: way.is("left"), ...nothing });
    const right = task("right", { when: way.is("right"), ...nothing });
    const more = task("more", { after: [right], ...nothing });
    task("end", { after: [left, more], triggerRule: "none_failed_min_one_success", ...nothing });
  });

  test("lets its choice run, and skips the other case with all that follows it alone", () => {
    const { run, states } = decided(branched, { way: { state: "success", choices: ["left"] } });
    expect(states).toMatchObject({
      left: "scheduled",
      right: "skipped",
      more: "skipped",
      end: "none",
    });
    expect(only(run, "right").reason).toBe("branch");
    expect(only(run, "more").reason).toBe("rule");
  });

  test.each([
    ["failed", "upstream_failed"],
    ["skipped", "skipped"],
    ["running", "none"],
  ] as const)("that is %s leaves both cases %s", (way, both) => {
    expect(decided(branched, { way }).states).toMatchObject({ left: both, right: both });
  });
});

describe("each", () => {
  const overList = dag("d", options, ({ task, each }) => {
    const list = task("list", { run: () => [1, 2, 3] });
    const item = each("item", { over: list, run: ({ item }) => item });
    const again = each("again", { over: item, run: ({ item }) => item });
    task("end", { inputs: { again }, run: () => 1 });
  });
  const constant = dag("d", options, ({ each }) => {
    each("item", { over: ["x", "y"], run: ({ item }) => item });
  });

  test("over a list known at declaration: the first instance is there, the others are asked for", () => {
    const { run } = decided(constant, {});
    expect(only(run, "item")).toMatchObject({ mapIndex: 0, state: "scheduled" });
    expect(run.expansions).toEqual([{ taskId: "item", from: 1, length: 2 }]);
  });

  test("over a list of one nothing is asked for", () => {
    const { run } = decided(overList, { list: { state: "success", listLength: 1 } });
    expect(only(run, "item")).toMatchObject({ mapIndex: 0, state: "scheduled" });
    expect(run.expansions).toEqual([]);
  });

  test("over the list that a task put out", () => {
    const { run } = decided(overList, { list: { state: "success", listLength: 3 } });
    expect(run.expansions).toEqual([{ taskId: "item", from: 1, length: 3 }]);
  });

  test("over an empty list it is skipped, and what follows too", () => {
    const { states } = decided(overList, { list: { state: "success", listLength: 0 } });
    expect(states).toEqual({ list: "success", item: "skipped", again: "skipped", end: "skipped" });
  });

  test("over another each: as long as what succeeded of it", () => {
    const { run } = decided(
      overList,
      { list: "success", "item[0]": "success", "item[1]": "success", "item[2]": "success" },
      ["again"],
    );
    expect(run.expansions).toEqual([{ taskId: "again", from: 1, length: 3 }]);
  });

  test("what follows waits for every instance", () => {
    const { states } = decided(
      overList,
      { list: "success", "item[0]": "success", "item[1]": "running" },
      ["again"],
    );
    expect(states["again"]).toBe("none");
  });

  test("a cleared instance of several runs alone", () => {
    const { run } = decided(
      overList,
      {
        list: { state: "success", listLength: 2 },
        "item[0]": "success",
        "item[1]": { state: "none", clearNumber: 1, tryNumber: 1 },
      },
      ["item"],
    );
    expect(statesOf(run)).toMatchObject({ "item[0]": "success", "item[1]": "scheduled" });
    expect(run.expansions).toEqual([]);
  });
});

describe("waking up", () => {
  const single = dag("d", options, ({ task }) => void task("a", nothing));
  const past = new Date(now.getTime() - 1);

  test("a retry is a new try, a sensor that asks again is not", () => {
    const retry = runStateOf(single, { a: { state: "up_for_retry", wakeAt: now, tryNumber: 1 } });
    expect(wakeDue(retry, now)).toBe(1);
    expect(only(retry, "a")).toMatchObject({ state: "scheduled", tryNumber: 2, wakeAt: null });
    const poke = runStateOf(single, {
      a: { state: "up_for_reschedule", wakeAt: past, tryNumber: 1, firstPokeAt: past },
    });
    wakeDue(poke, now);
    expect(only(poke, "a")).toMatchObject({ state: "scheduled", tryNumber: 1, firstPokeAt: past });
  });

  test("what is due later sleeps on", () => {
    const later = new Date(now.getTime() + 1);
    const run = runStateOf(single, { a: { state: "up_for_retry", wakeAt: later } });
    expect(wakeDue(run, now)).toBe(0);
  });

  test("a new try forgets when the sensor first asked", () => {
    const run = runStateOf(single, {
      a: { state: "up_for_retry", firstPokeAt: past, wakeAt: past },
    });
    schedule(run, only(run, "a"), now);
    expect(only(run, "a").firstPokeAt).toBeNull();
  });
});
