import { describe, expect, test } from "@jest/globals";
import { type ConnectionRef, dag, FailTask, RetryTask, SkipTask } from "@tidemill/dag-core";
import { runTask } from "@tidemill/dag-core/testing";
import { z } from "zod";

/** A system that only counts what is opened and closed; its address says whether it answers. */
function countingConnection(connectionId: string) {
  const counts = { opened: 0, closed: 0 };
  const ref: ConnectionRef<{ readonly uri: string }> = {
    connectionId,
    system: "Counter",
    async open(uri) {
      if (uri.includes("unreachable")) throw new Error(`no answer from ${uri}`);
      counts.opened += 1;
      return { uri, [Symbol.asyncDispose]: async () => void (counts.closed += 1) };
    },
    test: async () => "1",
  };
  return { ref, counts };
}

function setup() {
  const counter = countingConnection("api");
  const options = {
    schedule: null,
    startDate: "2026-01-01",
    timezone: "Europe/Berlin",
    params: z.object({ region: z.enum(["eu", "us"]).default("eu") }),
  } as const;
  const made = dag("orders", options, ({ task, branch, each, sensor }) => {
    const list = task("list", {
      run: ({ params, dataInterval, log }) => {
        log.info("listing", { region: params.region });
        return { region: params.region, from: dataInterval.start.toISOString() };
      },
    });
    task("count", { inputs: { list }, run: ({ inputs }) => Object.keys(inputs.list).length });
    task("throws", {
      retries: 2,
      retryDelay: "10s",
      async run({ params }) {
        throw params.region === "us" ? new FailTask("never again") : new TypeError("boom");
      },
    });
    task("retries_later", {
      retries: 1,
      run: () => Promise.reject<number>(new RetryTask("busy", { after: "90s" })),
    });
    task("skips", { run: () => Promise.reject<number>(new SkipTask("nothing new")) });
    task("date", { run: () => new Date(0) as unknown as string });
    task("hangs", {
      timeout: "20ms",
      run: ({ signal }) =>
        new Promise<number>((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason as Error));
        }),
    });
    branch("mode", {
      cases: ["full", "part"],
      run: ({ params }) => (params.region === "eu" ? "full" : ("x" as "part")),
    });
    each("square", { over: [1, 2, 3], run: ({ item, index }) => ({ index, square: item * item }) });
    sensor("file", {
      every: "30s",
      timeout: "6h",
      poke: ({ params }) => (params.region === "us" ? { size: 1 } : undefined),
    });
    task("cursor", {
      async run({ state }) {
        const next = ((await state.get<number>("last")) ?? 0) + 1;
        state.set("last", next);
        if (next > 10) throw new FailTask("too far");
        return next;
      },
    });
    task("opens", { run: async (ctx) => void (await ctx.open(counter.ref)) });
    task("leaks", {
      async run(ctx) {
        const { uri } = await ctx.open(counter.ref);
        ctx.log.warn(`connected to ${uri}`);
        throw new Error(`refused by ${uri}`);
      },
    });
  });
  return { made, counts: counter.counts };
}

describe("runTask", () => {
  test("parses params, gives the interval in the DAG's zone, and collects the log", async () => {
    const { made } = setup();
    const dataInterval = { start: "2026-07-01", end: "2026-07-02" };
    expect(await runTask(made, "list", { params: { region: "us" }, dataInterval })).toEqual({
      state: "success",
      output: { region: "us", from: "2026-06-30T22:00:00.000Z" },
      logs: [
        expect.objectContaining({ level: "info", message: "listing", fields: { region: "us" } }),
      ],
      stateWrites: {},
    });
    expect(await runTask(made, "list")).toMatchObject({ output: { region: "eu" } });
  });

  test("passes inputs as JSON", async () => {
    const { made } = setup();
    const inputs = { list: { region: "eu", from: undefined } };
    expect(await runTask(made, "count", { inputs })).toMatchObject({ output: 1 });
  });

  test.each<[string, object, object]>([
    [
      "throws",
      {},
      {
        state: "up_for_retry",
        afterMs: 10_000,
        error: { class: "TypeError", message: "boom", reason: "error" },
      },
    ],
    ["throws", { tryNumber: 3 }, { state: "failed", error: { class: "TypeError" } }],
    ["throws", { params: { region: "us" } }, { state: "failed", error: { class: "FailTask" } }],
    ["throws", { params: { region: "asia" } }, { state: "failed", error: { reason: "params" } }],
    ["retries_later", {}, { state: "up_for_retry", afterMs: 90_000 }],
    ["skips", {}, { state: "skipped", message: "nothing new" }],
    ["date", {}, { state: "failed", error: { reason: "serialization" } }],
    ["hangs", {}, { state: "failed", error: { reason: "timeout" } }],
    ["mode", {}, { state: "success", output: "full" }],
    ["mode", { params: { region: "us" } }, { state: "failed", error: { reason: "error" } }],
    ["square", { mapIndex: 2 }, { state: "success", output: { index: 2, square: 9 } }],
    ["square", {}, { state: "success", output: { index: 0, square: 1 } }],
    ["square", { item: 7 }, { state: "success", output: { index: 0, square: 49 } }],
    ["square", { mapIndex: 3 }, { state: "failed", error: { class: "TidemillError" } }],
    ["file", {}, { state: "up_for_reschedule", afterMs: 30_000 }],
    ["file", { params: { region: "us" } }, { state: "success", output: { size: 1 } }],
    ["cursor", {}, { state: "success", output: 1, stateWrites: { last: 1 } }],
    ["cursor", { state: { last: 4 } }, { output: 5, stateWrites: { last: 5 } }],
    ["cursor", { state: { last: 10 } }, { state: "failed", stateWrites: {} }],
    ["list", { signal: AbortSignal.abort(new Error("stop")) }, { state: "success" }],
  ])("%s %j", async (taskId, options, expected) => {
    const { made } = setup();
    expect(await runTask(made, taskId, options)).toMatchObject(expected);
  });

  test("stops a task by its signal, and leaves one that does not return", async () => {
    const controller = new AbortController();
    const options = { schedule: null, startDate: "2026-01-01" } as const;
    const made = dag("stops", options, ({ task }) => {
      task("listens", {
        async run({ signal }) {
          controller.abort(new Error("enough"));
          signal.throwIfAborted();
        },
      });
      task("deaf", { run: () => new Promise<number>(() => undefined) });
    });
    const { signal } = controller;
    expect(await runTask(made, "listens", { signal })).toMatchObject({
      state: "failed",
      error: { class: "Stopped", message: "enough" },
    });
    expect(await runTask(made, "deaf", { signal })).toMatchObject({
      state: "failed",
      error: { class: "Stopped", message: expect.stringContaining("did not return within") },
    });
  });

  test("opens connections by id and closes them", async () => {
    const { made, counts } = setup();
    const connections = { api: "count://here" };
    expect(await runTask(made, "opens", { connections })).toMatchObject({ state: "success" });
    expect(counts).toEqual({ opened: 1, closed: 1 });
  });

  test("says which variable is missing, and reads it from the environment given", async () => {
    const { made } = setup();
    expect(await runTask(made, "opens", { env: {} })).toMatchObject({
      error: { message: expect.stringContaining("TIDEMILL_CONN_API") },
    });
    const env = { TIDEMILL_CONN_API: "count://unreachable" };
    expect(await runTask(made, "opens", { env })).toMatchObject({
      error: {
        message: expect.stringContaining("Counter at count://unreachable cannot be reached"),
      },
    });
  });

  test("shows no password, neither in the log nor in the error", async () => {
    const { made, counts } = setup();
    const connections = { api: "count://etl:hunter22@here" };
    const result = await runTask(made, "leaks", { connections });
    expect(result).toMatchObject({
      state: "failed",
      error: { message: "refused by count://etl:***@here" },
      logs: [{ message: "connected to count://etl:***@here" }],
    });
    expect(JSON.stringify(result)).not.toContain("hunter22");
    expect(counts.closed).toBe(1);
  });

  test("refuses a task and an input that are not there", async () => {
    const { made } = setup();
    await expect(runTask(made, "lst")).rejects.toThrow('did you mean "list"?');
    await expect(runTask(made, "count", { inputs: { lists: {} } })).rejects.toThrow(
      '"lists" is not an option of inputs of task "count" of DAG "orders"',
    );
    await expect(runTask(made, "count", { inputs: { list: new Date() } })).rejects.toThrow(
      "a Date cannot be stored",
    );
  });
});
