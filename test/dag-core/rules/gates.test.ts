import { describe, expect, test } from "@jest/globals";
import { dag, type Dag, type DagBuilder } from "@tidemill/dag-core";
import { decide } from "../../../packages/dag-core/src/rules/decide.ts";
import { type InstanceFacts, only, runStateOf, statesOf } from "../../helpers/run-state.ts";

const now = new Date("2026-03-01T12:00:00Z");
const nothing = { run: () => undefined };
const of = (define: (builder: DagBuilder<object>) => void): Dag =>
  dag("d", { schedule: null, startDate: "2026-01-01" }, define);
const chose = (...choices: string[]): InstanceFacts => ({ state: "success", choices });

function decidedRun(
  which: Dag,
  states: Record<string, (InstanceFacts["state"] & string) | InstanceFacts>,
) {
  const run = runStateOf(which, states);
  decide(
    run,
    which.manifest.tasks.map((task) => task.taskId),
    now,
  );
  return run;
}

describe("a branch", () => {
  const branched = of(({ task, branch }) => {
    const way = branch("way", { cases: ["a", "b", "c"], run: () => undefined });
    const a = task("in_a", { when: way.is("a"), ...nothing });
    task("in_b", { when: way.is("b"), ...nothing });
    const c = task("in_c", {
      when: way.is("c"),
      after: [a],
      triggerRule: "none_failed",
      ...nothing,
    });
    task("end", { after: [c], triggerRule: "all_done", ...nothing });
    task("audit", { after: [way], ...nothing });
  });

  test.each([
    [["a"], { in_a: "scheduled", in_b: "skipped", in_c: "none", end: "none" }],
    [["b", "a"], { in_a: "scheduled", in_b: "scheduled", in_c: "none", end: "none" }],
    [["c"], { in_a: "skipped", in_b: "skipped", in_c: "scheduled", end: "none" }],
    [[], { in_a: "skipped", in_b: "skipped", in_c: "skipped", end: "scheduled" }],
  ])("that chose %j is followed by that, and by all that comes after it", (cases, states) => {
    const run = decidedRun(branched, { way: chose(...cases) });
    expect(statesOf(run)).toMatchObject(states);
  });

  test("does not decide on a task that waits for it without naming a case", () => {
    expect(statesOf(decidedRun(branched, { way: chose() }))["audit"]).toBe("scheduled");
  });

  test("skips a task again that was cleared, by the choice that is stored", () => {
    const cleared = { state: "none", clearNumber: 1, tryNumber: 1 } as const;
    const run = decidedRun(branched, { way: chose("a"), in_a: "success", in_b: cleared });
    expect(only(run, "in_b")).toMatchObject({ state: "skipped", reason: "branch" });
  });
});

describe("a short circuit", () => {
  const line = (ignoreDownstreamTriggerRules: boolean) =>
    of(({ task, setup, teardown, shortCircuit }) => {
      const make = setup("make", nothing);
      const open = shortCircuit("open", {
        after: [make],
        ignoreDownstreamTriggerRules,
        run: () => false,
      });
      const a = task("a", { after: [open], ...nothing });
      const b = task("b", { after: [a], triggerRule: "all_done", ...nothing });
      teardown("unmake", { of: [make], after: [b], ...nothing });
    });

  test("that says false skips all that follows whatever its rules, and its teardowns run", () => {
    const run = decidedRun(line(true), { make: "success", open: chose() });
    expect(statesOf(run)).toMatchObject({ a: "skipped", b: "skipped", unmake: "scheduled" });
    expect(only(run, "b").reason).toBe("short_circuit");
  });

  test("that leaves the rules to the rest skips what follows directly", () => {
    const run = decidedRun(line(false), { make: "success", open: chose() });
    expect(statesOf(run)).toMatchObject({ a: "skipped", b: "scheduled", unmake: "none" });
  });

  test("that says true lets all follow", () => {
    const run = decidedRun(line(true), { make: "success", open: "success" });
    expect(statesOf(run)).toMatchObject({ a: "scheduled", b: "none" });
  });

  test("skips a task again that was cleared", () => {
    const cleared = { state: "none", clearNumber: 1, tryNumber: 0 } as const;
    const states = { make: "success", open: chose(), a: "skipped", b: cleared } as const;
    expect(only(decidedRun(line(true), states), "b").state).toBe("skipped");
  });
});
