import { describe, expect, test } from "@jest/globals";
import { type Dag, dag, type DagBuilder, type DagOptions } from "@tidemill/dag-core";
import { simulate, type SimulationLog } from "@tidemill/dag-core/testing";
import type { z } from "zod";
import { withCpuTime } from "../../helpers/cpu-time.ts";

const run = () => undefined;

function daily(
  dagId: string,
  define: (builder: DagBuilder<object>) => void,
  options: Partial<DagOptions<z.ZodType>> = {},
): Dag {
  return dag(dagId, { schedule: "@daily", startDate: "2026-01-01", ...options }, define);
}

const startsOf = (log: SimulationLog) => log.runs.map((one) => one.startedAt?.toISOString());
const statesOf = (log: SimulationLog) =>
  Object.fromEntries(
    log.taskInstances.map((one) => [
      one.mapIndex < 0 ? one.taskId : `${one.taskId}[${one.mapIndex}]`,
      one.state,
    ]),
  );

describe("schedules", () => {
  test("a run starts when its interval is over, and the clock of the zone counts", async () => {
    const options = { schedule: "0 3 * * *", timezone: "Europe/Berlin", startDate: "2026-03-27" };
    const summer = daily("summer", ({ task }) => void task("a", { run }), options);
    const log = await simulate([summer], { from: "2026-03-27", to: "2026-03-31" });
    // The clocks go forward on the 29th: three o'clock in Berlin comes an hour earlier from then on.
    expect(startsOf(log)).toEqual([
      "2026-03-28T02:00:00.000Z",
      "2026-03-29T01:00:00.000Z",
      "2026-03-30T01:00:00.000Z",
    ]);
    expect(log.runs[1]?.dataInterval).toEqual({
      start: new Date("2026-03-28T02:00:00Z"),
      end: new Date("2026-03-29T01:00:00Z"),
    });
  });

  test.each([
    ["all", 6, 0],
    ["latest", 4, 2],
    ["none", 3, 3],
  ] as const)(
    "catchup %s makes %i runs after an outage and misses %i",
    async (catchup, runs, gaps) => {
      const pausing = daily("pausing", ({ task }) => void task("a", { run }), { catchup });
      const log = await simulate([pausing], {
        from: "2026-01-01",
        to: "2026-01-07T12:00:00Z",
        outages: [{ from: "2026-01-03T12:00:00Z", to: "2026-01-06T12:00:00Z" }],
      });
      expect(log.runs).toHaveLength(runs);
      expect(log.missed.reduce((sum, gap) => sum + gap.intervals, 0)).toBe(gaps);
    },
  );
});

describe("attempts", () => {
  test("are tried again after the delay of their policy, and a final failure has one alert", async () => {
    const failing = daily("failing", ({ task }) => {
      const a = task("a", { retries: 2, retryDelay: "10m", run });
      task("b", { after: [a], run });
    });
    const log = await simulate([failing], {
      from: "2026-01-01",
      to: "2026-01-02T06:00:00Z",
      durations: "5m",
      failures: ({ taskId }) => taskId === "a",
    });
    expect(log.tries.map((one) => [one.state, one.startedAt.toISOString()])).toEqual([
      ["up_for_retry", "2026-01-02T00:00:00.000Z"],
      ["up_for_retry", "2026-01-02T00:15:00.000Z"],
      ["failed", "2026-01-02T00:30:00.000Z"],
    ]);
    expect(statesOf(log)).toEqual({ a: "failed", b: "upstream_failed" });
    expect(log.alerts.map(({ kind, taskId }) => [kind, taskId])).toEqual([
      ["task_instance.failed", "a"],
      ["dag_run.failed", undefined],
    ]);
  });

  test("that take longer than their timeout fail by it", async () => {
    const slow = daily("slow", ({ task }) => void task("a", { timeout: "1m", run }));
    const until = { from: "2026-01-01", to: "2026-01-02T06:00:00Z" };
    const log = await simulate([slow], { ...until, durations: "2m" });
    expect(log.tries.map((one) => [one.reason, +one.endedAt - +one.startedAt])).toEqual([
      ["timeout", 60_000],
    ]);
  });

  test("branches choose, sensors ask again, lists have a length, tasks skip themselves", async () => {
    const shapes = daily("shapes", ({ task, branch, each, sensor }) => {
      const ask = sensor("ask", { every: "1m", timeout: "1h", poke: () => true });
      const mode = branch("mode", { after: [ask], cases: ["full", "part"], run: () => "full" });
      const list = task("list", { when: mode.is("full"), run: () => [1] });
      each("load", { over: list, run });
      task("part", { when: mode.is("part"), run });
      task("idle", { after: [ask], run });
    });
    let asked = 0;
    const log = await simulate([shapes], {
      from: "2026-01-01",
      to: "2026-01-02T06:00:00Z",
      results: ({ taskId }) => {
        if (taskId === "ask") return { again: ++asked < 3 };
        if (taskId === "mode") return { choice: "full" };
        if (taskId === "list") return { items: 2 };
        return taskId === "idle" ? { skip: true } : undefined;
      },
    });
    expect(asked).toBe(3);
    expect(statesOf(log)).toEqual({
      ask: "success",
      mode: "success",
      list: "success",
      "load[0]": "success",
      "load[1]": "success",
      part: "skipped",
      idle: "skipped",
    });
  });
});

test("a short-circuit that stops lets nothing follow", async () => {
  const short = daily("short", ({ task, shortCircuit }) => {
    const goes = shortCircuit("goes", { run: () => true });
    task("after", { after: [goes], run });
  });
  const until = { from: "2026-01-01", to: "2026-01-02T06:00:00Z" };
  const stopped = await simulate([short], { ...until, results: () => ({ stop: true }) });
  expect(statesOf(stopped)).toEqual({ goes: "success", after: "skipped" });
  expect(statesOf(await simulate([short], until))).toEqual({ goes: "success", after: "success" });
});

describe("across runs", () => {
  test("a task that depends on its past waits for it, in order, and for ever where it failed", async () => {
    const chained = daily("chained", ({ task }) => void task("a", { dependsOnPast: true, run }), {
      schedule: "@hourly",
      catchup: "all",
    });
    const until = { from: "2026-01-01", to: "2026-01-01T08:30:00Z", durations: "90m" } as const;
    const log = await simulate([chained], until);
    expect(startsOf(log).slice(0, 4)).toEqual([
      "2026-01-01T01:00:00.000Z",
      "2026-01-01T02:30:00.000Z",
      "2026-01-01T04:00:00.000Z",
      "2026-01-01T05:30:00.000Z",
    ]);
    let tries = 0;
    const broken = await simulate([chained], { ...until, failures: () => ++tries === 2 });
    expect(broken.tries.map((one) => one.state)).toEqual(["success", "failed"]);
  });

  test("a DAG whose runs fail in a row is paused", async () => {
    const failing = daily("failing", ({ task }) => void task("a", { run }), {
      maxConsecutiveFailedRuns: 3,
    });
    const log = await simulate([failing], {
      from: "2026-01-01",
      to: "2026-01-20",
      failures: () => true,
    });
    expect(log.runs).toHaveLength(3);
  });
});

describe("limits", () => {
  const mostAtOnce = ({ tries }: SimulationLog) => {
    const at = (time: Date) => tries.filter((one) => one.startedAt <= time && time < one.endedAt);
    return Math.max(...tries.map((one) => at(one.startedAt).length));
  };

  test("a pool lets no more start than it has slots, and the log says who waited for it", async () => {
    const wide = daily("wide", ({ task }) => {
      for (let n = 0; n < 6; n++) task(`t${n}`, { pool: "few", run });
    });
    const until = { from: "2026-01-01", to: "2026-01-02T06:00:00Z", durations: "10m" } as const;
    const log = await simulate([wide], { ...until, pools: { few: 2 } });
    expect(log.tries).toHaveLength(6);
    expect(mostAtOnce(log)).toBe(2);
    expect(log.waits.map((wait) => [wait.limits, wait.waitedMs / 60_000])).toEqual([
      [["pool:few"], 10],
      [["pool:few"], 10],
      [["pool:few"], 20],
      [["pool:few"], 20],
    ]);
  });

  test("slots and active runs are limits too", async () => {
    const runs = daily("runs", ({ task }) => void task("a", { run }), {
      schedule: "@hourly",
      catchup: "all",
      maxActiveRuns: 3,
    });
    const late = { from: "2026-01-05", to: "2026-01-06", durations: "30m" } as const;
    expect(mostAtOnce(await simulate([runs], late))).toBe(3);
    expect(mostAtOnce(await simulate([runs], { ...late, slots: 2 }))).toBe(2);
  });

  test("a DAG whose pool is not given is refused", async () => {
    const pooled = daily("pooled", ({ task }) => void task("a", { pool: "none", run }));
    const until = { from: "2026-01-01", to: "2026-01-02" };
    await expect(simulate([pooled], until)).rejects.toMatchObject({
      code: "TIDEMILL_INPUT_INVALID",
    });
  });
});

const plain = (n: number) =>
  daily(`plain_${n}`, ({ task }) => {
    const extract = task("extract", { retries: 2, retryDelay: "5m", pool: "source", run });
    const stage = task("stage", { after: [extract], run });
    const check = task("check", { after: [extract], run });
    task("publish", { after: [stage, check], retries: 1, retryDelay: "1m", run });
  });

test("the same seed gives the same log, another seed another one", async () => {
  const dags = [plain(1), plain(2)];
  const options = { from: "2026-01-01", to: "2026-02-01", failures: 0.2, pools: { source: 1 } };
  const log = await simulate(dags, { ...options, seed: 7 });
  expect(await simulate(dags, { ...options, seed: 7 })).toEqual(log);
  expect(await simulate(dags, { ...options, seed: 8 })).not.toEqual(log);
});

test("ninety days of twenty DAGs", async () => {
  const dags = [...Array(20).keys()].map(plain);
  const options = { from: "2026-01-01", to: "2026-04-01T12:00:00Z", failures: 0.05 } as const;
  const { result: log, cpuMs } = await withCpuTime(() =>
    simulate(dags, { ...options, pools: { source: 4 } }),
  );
  // Generous: what is promised is two seconds.
  expect(cpuMs).toBeLessThan(10_000);
  expect(log.runs).toHaveLength(90 * 20);
  expect(log.runs.every((one) => one.state === "success" || one.state === "failed")).toBe(true);
  expect(log.taskInstances).toHaveLength(90 * 20 * 4);
  const byKind = Object.groupBy(log.alerts, (alert) => alert.kind);
  const failed = log.taskInstances.filter((one) => one.state === "failed");
  expect(failed.length).toBeGreaterThan(0);
  expect(byKind["task_instance.failed"]).toHaveLength(failed.length);
});
