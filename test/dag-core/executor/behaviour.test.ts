import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { AttemptInput, Outcome } from "../../../packages/dag-core/src/executor/hand-off.ts";
import { handOff } from "../../helpers/executor-probe.ts";
import { fixtureFolder, type PoolFixture, startPool } from "../../helpers/runner-pool.ts";

const uri = "postgres://etl:hunter2secret@db/dwh";
let fixture: PoolFixture;
beforeAll(async () => {
  process.env["TIDEMILL_DATABASE_URL"] = "postgres://engine:secret@db/tidemill";
  fixture = await startPool(fixtureFolder("dags-attempts"), { env: { TIDEMILL_CONN_DWH: uri } });
});
afterAll(async () => {
  delete process.env["TIDEMILL_DATABASE_URL"];
  await fixture[Symbol.asyncDispose]();
});

function submit(taskId: string, input: Partial<AttemptInput> = {}): string {
  const attempt = handOff(["behaviour", taskId], input);
  fixture.pool.submit([attempt]);
  return attempt.id;
}

const run = (taskId: string, input: Partial<AttemptInput> = {}): Promise<Outcome> =>
  fixture.probe.outcome(submit(taskId, input));

const processId = async (): Promise<number> =>
  Number(((await run("process_id")) as { output: string }).output);

describe("timeout", () => {
  const timedOut = {
    kind: "failed",
    reason: "timeout",
    retry: "policy",
    error: { message: expect.stringContaining("ran longer than its timeout of 50ms") },
  };

  test("of a task that heeds its signal: the process stays", async () => {
    const before = await processId();
    expect(await run("heeds_abort", { timeoutMs: 50 })).toMatchObject(timedOut);
    expect(await processId()).toBe(before);
  });

  test("a result that comes after it does not count", async () => {
    expect(await run("finishes_when_aborted", { timeoutMs: 50 })).toMatchObject(timedOut);
  });

  test("of a task that ignores it: its process is replaced, and only it has a verdict", async () => {
    const before = await processId();
    const neighbour = submit("ignores_abort");
    expect(await run("ignores_abort", { timeoutMs: 50 })).toMatchObject(timedOut);
    expect(await fixture.probe.outcome(neighbour)).toMatchObject({ kind: "lost", wasAlone: false });
    expect(await processId()).not.toBe(before);
  });
});

describe("stop", () => {
  test("a task that heeds it is lost as stopped, without its process", async () => {
    const before = await processId();
    const id = submit("heeds_abort");
    await fixture.probe.heard("started", id);
    await fixture.pool.stop([id], 20_000);
    expect(fixture.probe.outcomes.get(id)).toMatchObject([{ kind: "lost", reason: "stopped" }]);
    expect(await processId()).toBe(before);
  });

  test("a result that it comes to all the same counts", async () => {
    const id = submit("finishes_when_aborted");
    await fixture.probe.heard("started", id);
    await fixture.pool.stop([id], 20_000);
    expect(fixture.probe.outcomes.get(id)).toMatchObject([{ kind: "success" }]);
  });

  test("what still runs after the grace time is ended with its process", async () => {
    const ids = [submit("ignores_abort"), submit("ignores_abort")] as const;
    await Promise.all(ids.map((id) => fixture.probe.heard("started", id)));
    await fixture.pool.stop([ids[0]], 50);
    expect(await fixture.probe.outcome(ids[0])).toMatchObject({ kind: "lost", reason: "stopped" });
    expect(await fixture.probe.outcome(ids[1])).toMatchObject({
      kind: "lost",
      reason: "exit",
      wasAlone: false,
    });
  });

  test("an unknown id is done already", async () => {
    await fixture.pool.stop(["404-0-1-0"], 50);
    expect(fixture.probe.outcomes.has("404-0-1-0")).toBe(false);
  });
});

describe("log", () => {
  test("has what the task logged and printed, without secrets, before the outcome", async () => {
    const id = submit("prints");
    await fixture.probe.outcome(id);
    const lines = fixture.probe.lines.get(id) ?? [];
    expect(lines.map(({ level, message, fields }) => ({ level, message, fields }))).toEqual([
      { level: "info", message: "rows", fields: { n: 5, secret: "postgres://etl:***@db/dwh" } },
      { level: "info", message: "one", fields: { stream: "stdout" } },
      { level: "info", message: "two", fields: { stream: "stdout" } },
      { level: "warn", message: "three", fields: { stream: "stderr" } },
      { level: "info", message: "no line end", fields: { stream: "stdout" } },
    ]);
    expect(fixture.printed.join("")).not.toContain("three");
  });
});

describe("stray errors belong to their attempt", () => {
  test("a promise that it left behind", async () => {
    const neighbour = submit("heeds_abort");
    const outcome = await run("leaves_a_rejection");
    expect(outcome).toMatchObject({ kind: "failed", error: { message: "nobody awaits this" } });
    expect(fixture.pool.list()).toEqual([neighbour]);
    await fixture.pool.stop([neighbour], 20_000);
  });

  test("a callback that throws", async () => {
    const before = await processId();
    expect(await run("throws_later")).toMatchObject({
      kind: "failed",
      retry: "policy",
      error: { class: "RangeError", message: "from a callback" },
    });
    expect(await processId()).toBe(before);
  });
});

test("state is read from the engine, and what was set comes with the success", async () => {
  fixture.probe.stored.set("seen", "4");
  expect(await run("remembers")).toEqual({
    kind: "success",
    output: '{"before":4,"after":5}',
    state: { seen: "5" },
  });
});

test("runners know the connections and not the engine's database", async () => {
  expect(await run("environment")).toMatchObject({ output: '{"own":true,"engine":false}' });
});
