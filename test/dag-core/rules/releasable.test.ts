import { describe, expect, test } from "@jest/globals";
import { dag } from "@tidemill/dag-core";
import {
  claimableFirst,
  isUnlimited,
  releasable,
} from "../../../packages/dag-core/src/rules/releasable.ts";
import { runStateOf } from "../../helpers/run-state.ts";

const options = { schedule: null, startDate: "2026-01-01" } as const;
const nothing = { run: () => undefined };
const wide = (limits: object) =>
  dag("d", { ...options, ...limits }, ({ task }) => {
    task("low", nothing);
    task("high", { priorityWeight: 5, ...nothing });
    task("busy", nothing);
  });
const ready = { state: "scheduled", isReady: true } as const;

describe("releasable", () => {
  test("everything that is scheduled and not handed out, by priority", () => {
    const run = runStateOf(wide({}), { low: "scheduled", high: "scheduled", busy: "running" });
    expect(releasable(run).map((i) => i.taskId)).toEqual(["high", "low"]);
  });

  test("within the tasks that may run at once in the run; ready ones count", () => {
    const limited = wide({ maxActiveTasks: 2 });
    const running = runStateOf(limited, { low: "scheduled", high: "scheduled", busy: "running" });
    expect(releasable(running).map((i) => i.taskId)).toEqual(["high"]);
    const handedOut = runStateOf(limited, { low: ready, high: "scheduled", busy: "running" });
    expect(releasable(handedOut)).toEqual([]);
  });

  test("within the instances of a mapped task that may run at once", () => {
    const mapped = dag("d", options, ({ each }) => {
      each("m", { over: [1, 2, 3, 4], maxActive: 2, run: ({ item }) => item });
    });
    const run = runStateOf(mapped, {
      "m[0]": "running",
      "m[1]": "scheduled",
      "m[2]": "scheduled",
      "m[3]": "scheduled",
    });
    expect(releasable(run).map((i) => i.mapIndex)).toEqual([1]);
  });
});

test("of what stands ready, a hop starts what no claim would have to count, by priority", () => {
  const pooled = dag("d", options, ({ task }) => {
    task("low", nothing);
    task("pooled", { pool: "p", priorityWeight: 9, ...nothing });
    task("high", { priorityWeight: 5, ...nothing });
    task("held", { priorityWeight: 7, ...nothing });
  });
  const run = runStateOf(pooled, { low: ready, pooled: ready, high: ready, held: "scheduled" });
  expect(claimableFirst(run).map((i) => i.taskId)).toEqual(["high", "low"]);
  expect(isUnlimited(run.graph, "pooled")).toBe(false);
  expect(isUnlimited(run.graph, "no_such_task")).toBe(false);
});
