import { Writable } from "node:stream";
import { describe, expect, test } from "@jest/globals";
import { EventBus, type EngineEvent } from "../../../packages/dag-core/src/kernel/events.ts";
import { subscribeLogger } from "../../../packages/dag-core/src/kernel/logger.ts";
import { createRedactor } from "../../../packages/dag-core/src/kernel/redact.ts";

const failure = { dagId: "orders", runId: "r1", taskId: "load", tryNumber: 2 };

describe("EventBus", () => {
  test("hands an event to those who listen to it and to those who listen to all", () => {
    const bus = new EventBus();
    const seen: string[] = [];
    bus.on("dag_run.started", (event) => seen.push(`one ${event.runId}`));
    bus.on("*", (event) => seen.push(`all ${event.event}`));
    bus.emit("dag_run.started", { dagId: "orders", runId: "r1" });
    bus.emit("dag_run.succeeded", { dagId: "orders", runId: "r1" });
    expect(seen).toEqual(["one r1", "all dag_run.started", "all dag_run.succeeded"]);
  });

  test("stops when told to, by the function or by off", () => {
    const bus = new EventBus();
    let calls = 0;
    const listener = (): number => (calls += 1);
    bus.on("dag_run.started", listener)();
    bus.on("dag_run.started", listener);
    bus.off("dag_run.started", listener);
    bus.emit("dag_run.started", { dagId: "orders", runId: "r1" });
    expect(calls).toBe(0);
  });

  test("keeps the emitter and the other listeners from what a listener does wrong", async () => {
    const bus = new EventBus();
    const seen: EngineEvent[] = [];
    bus.on("dag_run.started", () => {
      throw new Error("broken listener");
    });
    bus.on("dag_run.started", async () => Promise.reject(new Error("broken promise")));
    bus.on("bus.listener_failed", () => {
      throw new Error("broken even then");
    });
    bus.on("*", (event) => seen.push(event));
    const rejected = bus.next("bus.listener_failed", { error: "Error: broken promise" });
    bus.emit("dag_run.started", { dagId: "orders", runId: "r1" });
    await rejected;
    expect(seen.filter((event) => event.event === "dag_run.started")).toHaveLength(1);
    expect(seen.filter((event) => event.event === "bus.listener_failed")).toMatchObject([
      { of: "dag_run.started", error: "Error: broken listener" },
      { of: "dag_run.started", error: "Error: broken promise" },
    ]);
  });

  test("next waits for the event with the facts that were asked for", async () => {
    const bus = new EventBus();
    const next = bus.next("task_instance.failed", { taskId: "load" });
    const later = bus.next("task_instance.failed", (event) => event.tryNumber > 2);
    bus.emit("task_instance.failed", { ...failure, taskId: "extract" });
    bus.emit("task_instance.failed", failure);
    bus.emit("task_instance.failed", { ...failure, tryNumber: 3 });
    await expect(next).resolves.toMatchObject({ taskId: "load", tryNumber: 2 });
    await expect(later).resolves.toMatchObject({ tryNumber: 3 });
  });

  test("next says what was seen instead when the deadline passes", async () => {
    const bus = new EventBus();
    const next = bus.next("dag_run.failed", { runId: "r1" }, { deadlineMs: 1 });
    bus.emit("dag_run.succeeded", { dagId: "orders", runId: "r1" });
    await expect(next).rejects.toThrow(
      /"dag_run\.failed" \{"runId":"r1"\} did not come.*\n.*dag_run\.succeeded/s,
    );
  });

  test("next ends with its signal", async () => {
    const bus = new EventBus();
    const controller = new AbortController();
    const next = bus.next("dag_run.failed", {}, { signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(next).rejects.toThrow("enough");
    await expect(
      bus.next("dag_run.failed", {}, { signal: AbortSignal.abort(new Error("too late")) }),
    ).rejects.toThrow("too late");
  });
});

describe("subscribeLogger", () => {
  const setup = (options: { level?: "info" | "debug"; format: "json" | "pretty" }) => {
    const bus = new EventBus();
    let written = "";
    const stream = new Writable({
      write(chunk: Buffer, _encoding, done) {
        written += chunk.toString();
        done();
      },
    });
    const redactor = createRedactor(['s3cret"value']);
    const log = subscribeLogger(bus, { ...options, redactor, stream });
    const lines = async (): Promise<string[]> => {
      await log.stop();
      return written.trimEnd().split("\n");
    };
    return { bus, log, lines };
  };

  test("writes JSON with the same keys always, redacted", async () => {
    const { bus, log, lines } = setup({ format: "json" });
    bus.emit("task_instance.failed", { ...failure, error: 'Error: s3cret"value' });
    bus.emit("dag_run.started", { dagId: "orders", runId: "r1" });
    log.logger.info('hello s3cret"value');
    const [failed = {}, started = {}, hello = {}] = (await lines()).map(
      (line) => JSON.parse(line) as Record<string, unknown>,
    );
    const keys = ["time", "level", "event", "dagId", "runId", "taskId", "tryNumber"];
    for (const line of [failed, started, hello])
      expect(Object.keys(line).slice(0, 7)).toEqual(keys);
    expect(failed).toMatchObject({ ...failure, level: "error", error: "Error: ***" });
    expect(started).toMatchObject({ level: "info", event: "dag_run.started", taskId: null });
    expect(hello).toMatchObject({ level: "info", event: null, message: "hello ***" });
  });

  test("keeps what is below the level to itself", async () => {
    const { bus, lines } = setup({ level: "info", format: "json" });
    bus.emit("scheduler.tick_finished", {});
    bus.emit("dag_run.started", { dagId: "orders", runId: "r1" });
    expect(await lines()).toEqual([expect.stringContaining('"dag_run.started"')]);
  });

  test("shows loops at debug", async () => {
    const { bus, lines } = setup({ level: "debug", format: "json" });
    bus.emit("scheduler.tick_finished", {});
    expect(await lines()).toEqual([expect.stringContaining('"scheduler.tick_finished"')]);
  });

  test("writes one line for people, which no text can break or forge", async () => {
    const { bus, lines } = setup({ format: "pretty" });
    bus.emit("task_instance.failed", { ...failure, error: "Error: a\n09:00:00 info forged" });
    const written = await lines();
    expect(written).toHaveLength(1);
    expect(written[0]).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} error task_instance\.failed orders \/ r1 \/ load try 2 error="Error: a\\n/,
    );
  });
});
