import { describe, expect, test } from "@jest/globals";
import { asset, dag, type DagBuilder } from "@tidemill/dag-core";

const options = { schedule: null, startDate: "2026-01-01" } as const;
const manifestOf = (define: (builder: DagBuilder<unknown>) => unknown) =>
  dag("d", options, (builder) => void define(builder)).manifest.tasks[0];

describe("tasks that look beyond their run", () => {
  test("say in the manifest what they wait for and how long", () => {
    const event = manifestOf((b) => b.waitForEvent("t", { event: "go", timeout: "1h" }));
    expect(event).toMatchObject({
      kind: "wait_event",
      waits: { timeoutMs: 3_600_000, since: "run" },
    });
    expect(event?.timeoutMs).toBeUndefined();
    const run = manifestOf((b) => b.waitForRun("t", { dag: "raw", onFailure: "wait" }));
    expect(run).toMatchObject({
      kind: "wait_run",
      target: "raw",
      waits: { states: ["success"], onFailure: "wait" },
    });
    expect(manifestOf((b) => b.triggerDag("t", { dag: "raw", timeout: "1h" }))).toMatchObject({
      kind: "trigger",
      target: "raw",
    });
    expect(manifestOf((b) => b.triggerDag("t", { dag: "raw" }))).not.toHaveProperty("waits");
    expect(manifestOf((b) => b.triggerDag("t", { dag: "raw", wait: true }))).toHaveProperty(
      "waits",
    );
  });

  test.each<[string, (builder: DagBuilder<unknown>) => unknown, string]>([
    ["a name with a space", (b) => b.waitForEvent("t", { event: "go on" }), 'Option "event"'],
    ["no DAG", (b) => b.waitForRun("t", {} as never), 'Option "dag"'],
    ["no state", (b) => b.waitForRun("t", { dag: "raw", states: [] }), 'Option "states"'],
    [
      "another interval",
      (b) => b.triggerDag("t", { dag: "raw", interval: "x" as never }),
      "interval",
    ],
    [
      "params that are a text",
      (b) => b.triggerDag("t", { dag: "raw", params: "x" as never }),
      "params",
    ],
    [
      "an outlet by its id",
      (b) => b.task("t", { outlets: ["x" as never], run: () => 1 }),
      "outlets",
    ],
  ])("%s is refused", (_, define, said) => {
    expect(() => manifestOf(define)).toThrow(said);
  });
});

describe("a schedule of assets", () => {
  const scheduled = (schedule: unknown) =>
    dag("d", { ...options, schedule: schedule as null }, ({ task }) => {
      task("t", { run: () => undefined });
    }).manifest.schedule;

  test("lists each asset once, in order, and waits for all of them by default", () => {
    const assets = [asset("b"), asset("a"), asset("b")];
    expect(scheduled({ assets })).toEqual({ kind: "assets", assets: ["a", "b"], when: "all" });
  });

  test.each([
    [{ assets: [] }, "does not list assets"],
    [{ assets: ["raw"] }, "does not list assets"],
    [{ assets: [asset("a")], when: "one" }, 'has "one" as its when'],
    [{ assets: [asset("a")], every: "1h" }, "is not an option of a schedule"],
  ])("%j is refused", (schedule, said) => {
    expect(() => scheduled(schedule)).toThrow(said);
  });

  test("an asset has an id", () => {
    expect(() => asset("raw orders")).toThrow('Asset id "raw orders"');
  });
});
