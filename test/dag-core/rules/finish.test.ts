import { describe, expect, test } from "@jest/globals";
import { dag } from "@tidemill/dag-core";
import type { Outcome } from "../../../packages/dag-core/src/definition/outcome.ts";
import { finish, stop } from "../../../packages/dag-core/src/rules/finish.ts";
import { type InstanceFacts, only, runStateOf } from "../../helpers/run-state.ts";

const now = new Date("2026-03-01T12:00:00Z");
const startedAt = new Date("2026-03-01T11:59:00Z");
const after = (seconds: number) => new Date(now.getTime() + seconds * 1_000);
const d = dag("d", { schedule: null, startDate: "2026-01-01" }, ({ task, sensor }) => {
  task("a", { retries: 2, retryDelay: "10s", run: () => 1 });
  sensor("s", { every: "30s", timeout: "1m", retries: 2, poke: () => undefined });
});
const error = { class: "Error", message: "no" };

function finished(outcome: Outcome, facts: InstanceFacts = {}, taskId = "a") {
  const run = runStateOf(d, { [taskId]: { state: "running", startedAt, ...facts } });
  const instance = only(run, taskId);
  const options = { run, instance, outcome, now, maxInfraRetries: 3, logicalDate: null };
  return { record: finish(options), instance };
}
const failed = (retry: "policy" | "never" | { afterMs: number }): Outcome => {
  return { kind: "failed", reason: "error", error, retry };
};
const lost = (reason: "exit" | "out_of_memory" | "lease_lost" | "stopped", wasAlone = false) =>
  ({ kind: "lost", reason, wasAlone, message: "gone" }) as const;

describe("an attempt that ends", () => {
  test("before it began, by a clock that lags: ends when it began", () => {
    const { instance } = finished({ kind: "success" }, { startedAt: after(1) });
    expect(instance.endedAt).toEqual(after(1));
    const run = runStateOf(d, { a: { state: "running", startedAt: after(1) } });
    stop(run, only(run, "a"), "fail_fast", now);
    expect(only(run, "a")).toMatchObject({ state: "failed", endedAt: after(1) });
  });

  test("with success keeps what the next tasks need of it", () => {
    const { record, instance } = finished({ kind: "success", listLength: 2, choices: ["left"] });
    expect(record).toEqual({ state: "success", reason: null });
    const kept = { state: "success", lease: null, endedAt: now, listLength: 2, choices: ["left"] };
    expect(instance).toMatchObject(kept);
  });

  test("skipped by the task", () => {
    const { record, instance } = finished({ kind: "skipped", message: "nothing to do" });
    expect(record).toEqual({ state: "skipped", reason: "skipped_by_task" });
    expect(instance).toMatchObject({ state: "skipped", endedAt: now });
  });

  test.each([
    [1, "policy", "up_for_retry", after(10)],
    [2, { afterMs: 5_000 }, "up_for_retry", after(5)],
    [3, "policy", "failed", null],
    [3, { afterMs: 5_000 }, "failed", null],
    [1, "never", "failed", null],
  ] as const)("failed in try %i of 3, retry %j: %s", (tryNumber, retry, state, wakeAt) => {
    const { record, instance } = finished(failed(retry), { tryNumber });
    expect(record).toEqual({ state, reason: "error" });
    expect(instance).toMatchObject({ state, wakeAt, tryNumber, lease: null });
    expect(instance.endedAt).toEqual(state === "failed" ? now : null);
  });

  test("failed after a clear: counts its tries from there", () => {
    const facts = { tryNumber: 4, maxTries: 5, clearedAtTry: 3 };
    expect(finished(failed("policy"), facts).instance.state).toBe("up_for_retry");
    expect(finished(failed("policy"), { ...facts, tryNumber: 6 }).instance.state).toBe("failed");
  });

  test("of a task that the code no longer has: removed", () => {
    const { record, instance } = finished({ kind: "wrong_version", missing: "task" });
    expect(record?.state).toBe("removed");
    expect(instance).toMatchObject({ state: "removed", endedAt: now });
  });

  test("of a DAG that is not loaded yet: goes to others at once, and costs no try", () => {
    const { record, instance } = finished({ kind: "wrong_version", missing: "dag" });
    expect(record).toBeUndefined();
    expect(instance).toMatchObject({ state: "up_for_reschedule", wakeAt: now, tryNumber: 1 });
  });

  test.each([
    [0, 5],
    [3, 5],
    [60, 60],
    [86_400, 300],
  ])("of a DAG that is away for %i s: is offered again in %i s", (awayS, inS) => {
    const facts = { firstPokeAt: after(-awayS) };
    const { instance } = finished({ kind: "wrong_version", missing: "dag" }, facts);
    expect(instance.wakeAt).toEqual(after(inS));
  });

  test("of a sensor whose DAG is away: is out of time in the end, and soon again before", () => {
    const away = { kind: "wrong_version", missing: "dag" } as const;
    const soon = finished(away, { firstPokeAt: after(-50) }, "s");
    expect(soon.instance).toMatchObject({ state: "up_for_reschedule", wakeAt: after(5) });
    const late = finished(away, { firstPokeAt: after(-58) }, "s");
    expect(late.record).toEqual({ state: "failed", reason: "timeout" });
  });
});

describe("an attempt whose process is gone", () => {
  type Row = readonly [string, ReturnType<typeof lost>, InstanceFacts, InstanceFacts];
  const rows: readonly Row[] = [
    [
      "among others: runs alone, nothing counted",
      lost("exit"),
      {},
      { infraRetries: 0, runsAlone: true },
    ],
    ["alone: counted", lost("exit", true), {}, { infraRetries: 1, runsAlone: true }],
    [
      "out of memory alone: counted",
      lost("out_of_memory", true),
      { infraRetries: 2 },
      { infraRetries: 3 },
    ],
    [
      "with its scheduler: counted, not set apart",
      lost("lease_lost"),
      {},
      { infraRetries: 1, runsAlone: false },
    ],
    [
      "by a stop: nothing counted",
      lost("stopped", true),
      { infraRetries: 3 },
      { infraRetries: 3, runsAlone: false },
    ],
  ];
  test.each(rows)("%s", (_name, outcome, facts, expected) => {
    const { record, instance } = finished(outcome, facts);
    expect(record).toEqual({ state: "up_for_retry", reason: outcome.reason });
    const same = { state: "scheduled", tryNumber: 1, isReady: false, lease: null, readyAt: now };
    expect(instance).toMatchObject({ ...same, ...expected });
  });

  test.each(["exit", "out_of_memory", "lease_lost"] as const)(
    "%s once too often: failed",
    (reason) => {
      const { record, instance } = finished(lost(reason, true), { infraRetries: 3 });
      expect(record).toEqual({ state: "failed", reason });
      expect(instance).toMatchObject({ state: "failed", endedAt: now });
    },
  );
});

describe("an attempt that comes to a verdict", () => {
  test.each([
    ["a sensor that asks again", { kind: "reschedule", afterMs: 10 } as const, "s"],
    ["a failure that is tried again", failed("policy"), "a"],
  ])("%s: earlier losses of its process count no more", (_name, outcome, taskId) => {
    const { instance } = finished(
      outcome,
      { infraRetries: 3, runsAlone: true, startedAt: now },
      taskId,
    );
    expect(instance).toMatchObject({ infraRetries: 0, runsAlone: false });
  });
});

describe("a sensor", () => {
  const again: Outcome = { kind: "reschedule", afterMs: 30_000 };

  test("asks again within the same try, and remembers its first time", () => {
    const { record, instance } = finished(again, { startedAt: now }, "s");
    expect(record).toBeUndefined();
    const waiting = {
      state: "up_for_reschedule",
      wakeAt: after(30),
      firstPokeAt: now,
      tryNumber: 1,
    };
    expect(instance).toMatchObject(waiting);
  });

  test("that would ask again past its timeout has failed, without a retry", () => {
    const { record, instance } = finished(again, { firstPokeAt: after(-31) }, "s");
    expect(record).toEqual({ state: "failed", reason: "timeout" });
    expect(instance.state).toBe("failed");
  });

  test("that asks for the last time right at its timeout may", () => {
    expect(finished(again, { firstPokeAt: after(-30) }, "s").instance.state).toBe(
      "up_for_reschedule",
    );
  });
});
