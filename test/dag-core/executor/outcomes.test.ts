import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { AttemptInput, Outcome } from "../../../packages/dag-core/src/executor/hand-off.ts";
import { handOff } from "../../helpers/executor-probe.ts";
import { fixtureFolder, type PoolFixture, startPool } from "../../helpers/runner-pool.ts";

let fixture: PoolFixture;
beforeAll(async () => {
  fixture = await startPool(fixtureFolder("dags-attempts"));
});
afterAll(async () => {
  await fixture[Symbol.asyncDispose]();
});

async function outcomeOf(taskId: string, input: Partial<AttemptInput> = {}): Promise<Outcome> {
  const attempt = handOff(["outcomes", taskId], input);
  fixture.pool.submit([attempt]);
  return fixture.probe.outcome(attempt.id);
}

test("the files are loaded with their manifests and hashes", () => {
  expect(fixture.loaded.failures).toEqual([]);
  expect(fixture.loaded.dags.map(({ file }) => file).sort()).toEqual([
    "behaviour.ts",
    "effects.ts",
    "outcomes.ts",
  ]);
  for (const { hash, manifest } of fixture.loaded.dags) {
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(manifest.tasks.length).toBeGreaterThan(0);
  }
});

describe("success", () => {
  test.each([
    ["a list, with its length", "numbers", {}, { output: "[1,2,3]", listLength: 3 }],
    ["nothing", "nothing", {}, {}],
    ["a branch's case", "chooses", {}, { output: '"increment"', choices: ["increment"] }],
    [
      "cases of a branch",
      "chooses_two",
      {},
      { output: '["b","a","b"]', listLength: 3, choices: ["b", "a"] },
    ],
    ["no case of a branch", "chooses_none", {}, { choices: [] }],
    ["a short circuit that goes on", "goes_on", {}, { output: "true" }],
    ["a short circuit that stops", "stops", {}, { output: "false", choices: [] }],
    ["an item of the declaration", "maps_static", { mapIndex: 1 }, { output: '"1:b"' }],
    ["an item of an output", "maps_output", { mapIndex: 2, item: 7 }, { output: "72" }],
    ["what a sensor found", "finds", {}, { output: '{"file":"a.csv"}' }],
  ] as const)("%s", async (_name, taskId, input, expected) => {
    expect(await outcomeOf(taskId, input)).toEqual({ kind: "success", ...expected });
  });

  test("the context carries params with defaults, inputs, interval and the key of the try", async () => {
    const input = { inputs: { numbers: [4] }, tryNumber: 2, clearNumber: 1, handOff: 3 };
    const outcome = await outcomeOf("reads", { ...input, taskInstanceId: "123" });
    expect(JSON.parse((outcome as { output: string }).output)).toEqual({
      region: "eu",
      inputs: [4],
      attemptKey: "t123_c1_r2_h3",
      day: "2026-01-01T00:00:00.000Z",
      end: "2026-01-02T00:00:00.000Z",
      tryNumber: 2,
    });
  });
});

describe("no verdict yet", () => {
  test("a sensor that found nothing is asked again", async () => {
    expect(await outcomeOf("finds_nothing")).toEqual({ kind: "reschedule", afterMs: 30_000 });
  });

  test.each([
    ["dag", ["unknown", "numbers"]],
    ["task", ["outcomes", "unknown"]],
  ] as const)("code without that %s", async (missing, task) => {
    const attempt = handOff(task);
    fixture.pool.submit([attempt]);
    expect(await fixture.probe.outcome(attempt.id)).toEqual({ kind: "wrong_version", missing });
  });
});

describe("failure", () => {
  test("an error is told with its class, its causes and the frames of the task", async () => {
    const outcome = await outcomeOf("throws");
    expect(outcome).toMatchObject({
      kind: "failed",
      reason: "error",
      retry: "policy",
      error: { class: "TypeError", message: "no such column\ncaused by Error: relation is gone" },
    });
    const { stack } = (outcome as { error: { stack: string } }).error;
    expect(stack).toMatch(/dags-attempts\/outcomes\.ts:\d+/);
    expect(stack).not.toMatch(/node:|dag-core\/src/);
  });

  test.each([
    ["throws_text", "error", "policy", "just a text"],
    ["fails", "error", "never", "no use in trying again"],
    ["retries", "error", { afterMs: 90_000 }, "busy"],
    ["unstorable", "serialization", "never", "a Map cannot be stored"],
    ["too_large", "serialization", "never", "is 300002 bytes, more than the 262144 allowed"],
    ["chooses_one_wrongly", "error", "never", 'chose "abc"'],
    ["mumbles", "error", "never", 'answered "no"; return true or false'],
    ["chooses_wrongly", "error", "never", 'did you mean "increment"?'],
  ] as const)("%s", async (taskId, reason, retry, message) => {
    const expected = {
      kind: "failed",
      reason,
      retry,
      error: { message: expect.stringContaining(message) },
    };
    expect(await outcomeOf(taskId)).toMatchObject(expected);
  });

  test("params that the schema refuses", async () => {
    expect(await outcomeOf("reads", { params: { region: "mars" } })).toMatchObject({
      kind: "failed",
      reason: "params",
      retry: "never",
      error: { message: expect.stringContaining('Params of DAG "outcomes" do not fit its schema') },
    });
  });

  test("an item that the list does not have any more", async () => {
    expect(await outcomeOf("maps_static", { mapIndex: 2 })).toMatchObject({
      kind: "failed",
      retry: "never",
    });
  });
});

test("a task that skips itself says why", async () => {
  expect(await outcomeOf("skips")).toEqual({ kind: "skipped", message: "nothing new" });
});

test("a hand-off that is submitted twice runs once", async () => {
  const attempt = handOff(["outcomes", "numbers"]);
  fixture.pool.submit([attempt, attempt]);
  fixture.pool.submit([attempt]);
  const last = handOff(["outcomes", "nothing"]);
  await fixture.probe.outcome(attempt.id);
  fixture.pool.submit([last]);
  await fixture.probe.outcome(last.id);
  expect(fixture.probe.outcomes.get(attempt.id)).toHaveLength(1);
});

test("more attempts than slots all run", async () => {
  const attempts = Array.from({ length: 200 }, () => handOff(["outcomes", "numbers"]));
  fixture.pool.submit(attempts);
  const outcomes = await Promise.all(attempts.map(({ id }) => fixture.probe.outcome(id)));
  expect(outcomes.every(({ kind }) => kind === "success")).toBe(true);
  expect(fixture.pool.list()).toEqual([]);
  expect(fixture.pool.freeSlots()).toBeGreaterThanOrEqual(16);
});
