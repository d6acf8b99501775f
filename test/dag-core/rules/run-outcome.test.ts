import { describe, expect, test } from "@jest/globals";
import { dag } from "@tidemill/dag-core";
import type { TaskInstanceState } from "../../../packages/dag-core/src/definition/states.ts";
import { runOutcome } from "../../../packages/dag-core/src/rules/run-outcome.ts";
import { runStateOf } from "../../helpers/run-state.ts";

const chain = (runState: "leaves" | "any_failure") =>
  dag("d", { schedule: null, startDate: "2026-01-01", runState }, ({ task }) => {
    const a = task("a", { run: () => 1 });
    task("b", { after: [a], triggerRule: "all_done", run: () => 1 });
  });

type Row = readonly [TaskInstanceState, TaskInstanceState, string, string];
describe("the end of a run", () => {
  const rows: readonly Row[] = [
    ["success", "success", "success", "success"],
    ["failed", "success", "success", "failed"],
    ["success", "failed", "failed", "failed"],
    ["success", "upstream_failed", "failed", "failed"],
    ["success", "cancelled", "failed", "failed"],
    ["skipped", "skipped", "success", "success"],
    ["success", "removed", "success", "success"],
  ];
  test.each(rows)("%s then %s: %s by its leaves, %s by any failure", (a, b, leaves, any) => {
    expect(runOutcome(runStateOf(chain("leaves"), { a, b }))?.state).toBe(leaves);
    expect(runOutcome(runStateOf(chain("any_failure"), { a, b }))?.state).toBe(any);
  });

  const unfinished = ["none", "scheduled", "queued", "running", "up_for_retry"] as const;
  test.each(unfinished)("does not come while a task is %s", (b) => {
    expect(runOutcome(runStateOf(chain("leaves"), { a: "failed", b }))).toBeUndefined();
  });

  test("says that its params were refused", () => {
    const run = runStateOf(chain("leaves"), {
      a: "success",
      b: { state: "failed", reason: "params" },
    });
    expect(runOutcome(run)).toEqual({ state: "failed", reason: "params" });
  });
});
