import { describe, expect, test } from "@jest/globals";
import { asset, dag } from "@tidemill/dag-core";
import { simulate, type SimulationLog } from "@tidemill/dag-core/testing";

const run = () => undefined;
const daily = { schedule: "@daily", startDate: "2026-01-01" } as const;
const onDemand = { schedule: null, startDate: "2026-01-01" } as const;
const twoDays = { from: "2026-01-01", to: "2026-01-03T12:00:00Z" } as const;

const triesOf = ({ tries }: SimulationLog, taskId: string) =>
  tries
    .filter((one) => one.taskId === taskId)
    .map((one) => [one.state, one.endedAt.toISOString().slice(5, 16)]);
const runsOf = ({ runs }: SimulationLog, dagId: string) =>
  runs
    .filter((one) => one.dagId === dagId)
    .map((one) => [one.runType, one.state, one.startedAt?.toISOString().slice(5, 16)]);

describe("events", () => {
  const sending = dag("sending", daily, ({ task }) => void task("send", { run }));
  const waiting = dag("waiting", { ...daily, maxActiveRuns: 5 }, ({ task, waitForEvent }) => {
    const wait = waitForEvent("wait", { event: "ready", timeout: "20h" });
    task("then", { after: [wait], run });
  });

  test("a wait ends when another DAG's task sends its event, and its time when none does", async () => {
    const log = await simulate([sending, waiting], {
      ...twoDays,
      durations: "30m",
      results: ({ taskId, dataInterval: { start } }) => {
        if (taskId === "wait") return { event: `ready.${start.toISOString().slice(0, 10)}` };
        return taskId === "send" ? { sends: [{ name: "ready.2026-01-01" }] } : {};
      },
    });
    expect(triesOf(log, "then")).toEqual([["success", "01-02T01:00"]]);
    const waits = log.taskInstances.filter((one) => one.taskId === "wait");
    expect(waits.map((one) => one.state)).toEqual(["success", "deferred"]);
    const late = await simulate([waiting], {
      ...twoDays,
      results: ({ taskId }) => (taskId === "wait" ? { event: "never" } : {}),
    });
    expect(late.taskInstances[0]).toMatchObject({ state: "failed", reason: "timeout" });
  });

  test("an event from outside comes when it is said to", async () => {
    const log = await simulate([waiting], {
      from: "2026-01-01",
      to: "2026-01-02T12:00:00Z",
      events: [{ at: "2026-01-02T05:00:00Z", name: "approved" }],
      results: ({ taskId }) => (taskId === "wait" ? { event: "approved" } : {}),
    });
    expect(triesOf(log, "then")).toEqual([["success", "01-02T05:01"]]);
  });

  test("a wait of which nothing is said takes its duration", async () => {
    const log = await simulate([waiting], { ...twoDays, durations: "2h" });
    expect(triesOf(log, "then")[0]).toEqual(["success", "01-02T04:00"]);
  });
});

describe("runs of other DAGs", () => {
  test("one is made, about the interval asked for, and waited for", async () => {
    const marts = dag("marts", onDemand, ({ task }) => void task("build", { run }));
    const starter = dag("starter", daily, ({ task, triggerDag }) => {
      const start = triggerDag("start", { dag: "marts", wait: true });
      task("then", { after: [start], run });
    });
    const log = await simulate([marts, starter], { ...twoDays, durations: "10m" });
    expect(runsOf(log, "marts")).toEqual([
      ["manual", "success", "01-02T00:10"],
      ["manual", "success", "01-03T00:10"],
    ]);
    expect(triesOf(log, "then").map(([, at]) => at)).toEqual(["01-02T00:30", "01-03T00:30"]);
  });

  test("its failure fails the task that waits for it", async () => {
    const marts = dag("marts", onDemand, ({ task }) => void task("build", { run }));
    const starter = dag("starter", daily, ({ triggerDag }) => {
      triggerDag("start", { dag: "marts", wait: true });
    });
    const failures = ({ taskId }: { readonly taskId: string }) => taskId === "build";
    const log = await simulate([marts, starter], { ...twoDays, failures });
    const start = log.taskInstances.find((one) => one.taskId === "start");
    expect(start).toMatchObject({ state: "failed", reason: "upstream" });
  });

  test("that of the same interval is waited for, whichever comes first", async () => {
    const raw = dag("raw", daily, ({ task }) => void task("load", { run }));
    const after = dag("after", daily, ({ task, waitForRun }) => {
      const wait = waitForRun("wait", { dag: "raw" });
      task("then", { after: [wait], run });
    });
    const durations = ({ taskId }: { readonly taskId: string }) =>
      taskId === "load" ? "3h" : "1m";
    const log = await simulate([raw, after], { ...twoDays, durations });
    expect(triesOf(log, "then").map(([, at]) => at)).toEqual(["01-02T03:01", "01-03T03:01"]);
  });

  test("a DAG that is not given cannot be made runs of", async () => {
    const starter = dag("starter", daily, ({ triggerDag }) => {
      triggerDag("start", { dag: "marts" });
    });
    await expect(simulate([starter], twoDays)).rejects.toThrow(/"marts"/);
  });
});

describe("assets", () => {
  const orders = asset("orders");
  const rates = asset("rates");
  const ordersDaily = dag("orders_daily", daily, ({ task }) => {
    task("load", { outlets: [orders], run });
  });
  const ratesLate = dag("rates_late", { ...daily, schedule: "0 6 * * *" }, ({ task }) => {
    task("load", { outlets: [rates], run });
  });

  test("a run is made once all assets were updated", async () => {
    const schedule = { assets: [orders, rates] };
    const report = dag("report", { ...onDemand, schedule }, ({ task }) => {
      task("build", { run });
    });
    const log = await simulate([ordersDaily, ratesLate, report], twoDays);
    expect(runsOf(log, "report")).toEqual([
      ["asset_triggered", "success", "01-02T06:01"],
      ["asset_triggered", "success", "01-03T06:01"],
    ]);
    const [first] = log.runs.filter((one) => one.dagId === "report");
    expect(first?.dataInterval.start).toEqual(new Date("2026-01-01T00:00:00Z"));
  });

  test("or any of them; a failed task updates none", async () => {
    const schedule = { assets: [orders, rates], when: "any" } as const;
    const report = dag("report", { ...onDemand, schedule }, ({ task }) => {
      task("build", { run });
    });
    const log = await simulate([ordersDaily, ratesLate, report], {
      ...twoDays,
      failures: ({ dagId }) => dagId === "rates_late",
    });
    expect(runsOf(log, "report").map(([, , at]) => at)).toEqual(["01-02T00:01", "01-03T00:01"]);
  });
});
