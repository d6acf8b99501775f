import { describe, expect, test } from "@jest/globals";
import { dag, type Dag, type DagBuilder } from "@tidemill/dag-core";
import type { TaskInstanceState } from "../../../packages/dag-core/src/definition/states.ts";
import { dagGraph } from "../../../packages/dag-core/src/rules/dag-graph.ts";
import { decide } from "../../../packages/dag-core/src/rules/decide.ts";
import { runOutcome } from "../../../packages/dag-core/src/rules/run-outcome.ts";
import { runStateOf, statesOf } from "../../helpers/run-state.ts";

const now = new Date("2026-03-01T12:00:00Z");
const nothing = { run: () => undefined };
const of = (define: (builder: DagBuilder<object>) => void): Dag =>
  dag("d", { schedule: null, startDate: "2026-01-01" }, define);

function decided(which: Dag, states: Record<string, TaskInstanceState>) {
  const run = runStateOf(which, states);
  decide(
    run,
    which.manifest.tasks.map((task) => task.taskId),
    now,
  );
  return statesOf(run);
}

/** make >> work >> more, and unmake after all of them. */
const scope = of(({ task, setup, teardown }) => {
  const make = setup("make", nothing);
  const work = task("work", { after: [make], ...nothing });
  const more = task("more", { after: [work], triggerRule: "all_done", ...nothing });
  const unmake = teardown("unmake", { of: [make], after: [more], ...nothing });
  task("report", { after: [unmake], ...nothing });
});

describe("a teardown", () => {
  type Row = readonly [string, Record<string, TaskInstanceState>, TaskInstanceState];
  const rows: readonly Row[] = [
    ["its work failed", { make: "success", work: "failed", more: "failed" }, "scheduled"],
    ["its work was skipped", { make: "success", work: "skipped", more: "skipped" }, "scheduled"],
    [
      "its setup failed",
      { make: "failed", work: "upstream_failed", more: "failed" },
      "upstream_failed",
    ],
    ["its setup was skipped", { make: "skipped", work: "skipped", more: "skipped" }, "skipped"],
    [
      "its setup was cancelled",
      { make: "cancelled", work: "cancelled", more: "cancelled" },
      "upstream_failed",
    ],
    ["its work goes on", { make: "success", work: "success", more: "running" }, "none"],
  ];
  test.each(rows)("where %s", (_, states, unmake) => {
    expect(decided(scope, states)["unmake"]).toBe(unmake);
  });

  test("of several setups runs if one succeeded", () => {
    const two = of(({ setup, teardown }) => {
      const a = setup("a", nothing);
      const b = setup("b", nothing);
      teardown("end", { of: [a, b], ...nothing });
    });
    expect(decided(two, { a: "success", b: "failed" })["end"]).toBe("scheduled");
    expect(decided(two, { a: "skipped", b: "failed" })["end"]).toBe("upstream_failed");
    expect(decided(two, { a: "skipped", b: "skipped" })["end"]).toBe("skipped");
    expect(decided(two, { a: "success", b: "running" })["end"]).toBe("none");
  });

  test("without setups runs when all before it is done", () => {
    const bare = of(({ task, teardown }) => {
      const a = task("a", nothing);
      teardown("end", { after: [a], ...nothing });
    });
    expect(decided(bare, { a: "failed" })["end"]).toBe("scheduled");
  });
});

describe("a setup that a task does not follow directly", () => {
  test.each([
    ["failed", "upstream_failed"],
    ["upstream_failed", "upstream_failed"],
    ["skipped", "skipped"],
    ["running", "none"],
    ["success", "scheduled"],
  ] as const)("that is %s makes it %s, before its own rule is asked", (make, more) => {
    const states = { make, work: "success" } as const;
    expect(decided(scope, states)["more"]).toBe(more);
  });

  test("is of no concern to a task after its teardown", () => {
    const graph = dagGraph(scope.manifest, "hash");
    expect([...graph.setups.keys()].toSorted()).toEqual(["more", "work"]);
    const states = { make: "failed", work: "failed", more: "failed", unmake: "success" } as const;
    expect(decided(scope, states)["report"]).toBe("scheduled");
  });

  test("without a teardown concerns all that comes after it", () => {
    const open = of(({ task, setup }) => {
      const make = setup("make", nothing);
      const work = task("work", { after: [make], ...nothing });
      task("more", { after: [work], triggerRule: "one_failed", ...nothing });
    });
    expect(decided(open, { make: "skipped", work: "failed" })["more"]).toBe("skipped");
  });

  test("is not asked for by rule always", () => {
    const always = of(({ task, setup }) => {
      const make = setup("make", nothing);
      const work = task("work", { after: [make], ...nothing });
      task("more", { after: [work], triggerRule: "always", ...nothing });
    });
    expect(decided(always, { make: "running" })["more"]).toBe("scheduled");
  });
});

describe("the end of a run with teardowns", () => {
  const ended = (failsRun: boolean) =>
    of(({ task, setup, teardown }) => {
      const make = setup("make", nothing);
      const work = task("work", { after: [make], ...nothing });
      teardown("unmake", { of: [make], after: [work], onFailureFailsRun: failsRun, ...nothing });
    });
  const outcome = (failsRun: boolean, work: TaskInstanceState, unmake: TaskInstanceState) =>
    runOutcome(runStateOf(ended(failsRun), { make: "success", work, unmake }))?.state;

  test("does not come before they have ended", () => {
    expect(outcome(false, "failed", "scheduled")).toBeUndefined();
  });

  test("is that of the work, whatever becomes of them", () => {
    expect(outcome(false, "success", "failed")).toBe("success");
    expect(outcome(false, "failed", "success")).toBe("failed");
  });

  test("is theirs where their failure fails the run", () => {
    expect(outcome(true, "success", "failed")).toBe("failed");
    // As in Airflow: such a teardown is the leaf, and forgives what failed before it.
    expect(outcome(true, "failed", "success")).toBe("success");
  });

  test("is that of the last ones where a DAG has nothing but teardowns", () => {
    const only = of(({ teardown }) => {
      const a = teardown("a", nothing);
      teardown("b", { after: [a], ...nothing });
    });
    const { leaves } = dagGraph(only.manifest, "hash");
    expect(leaves).toEqual(["b"]);
  });
});
