import { describe, expect, test } from "@jest/globals";
import { createClient } from "@tidemill/dag-core/client";
import { dagText, testEngine, type TestEngineOptions } from "../../helpers/engine.ts";

const rows = async (run: Awaited<ReturnType<typeof testEngine>>, text: string) =>
  run.db.database.many<Record<string, unknown>>({ name: "", text, parameters: [] });

async function setup(body: string, options = "schedule: null", env: TestEngineOptions["env"] = {}) {
  const run = await testEngine({ files: { "d.ts": dagText("d", body, options) }, env });
  const client = createClient({ database: run.db.database, actor: "test" });
  const alerts = () =>
    rows(run, "select kind, payload ->> 'reason' as reason from alert order by kind desc");
  return { ...run, run, client, alerts, [Symbol.asyncDispose]: () => run[Symbol.asyncDispose]() };
}

const ofTask = (reason: string) => [
  { kind: "task_instance.failed", reason },
  { kind: "dag_run.failed", reason: expect.any(String) },
];

describe("a task that fails gives one alert, and its run one,", () => {
  test.each([
    ["by an error", `task("a", { run: () => { throw new Error("no"); } });`, "error"],
    [
      "by its last try",
      `task("a", { retries: 2, retryDelay: "1ms", run: () => { throw new Error("no"); } });`,
      "error",
    ],
    [
      "by its timeout",
      `task("a", { timeout: "200ms", run: () => new Promise(() => {}) });`,
      "timeout",
    ],
    ["by an output that is none", `task("a", { run: () => ({ at: 1n }) });`, "serialization"],
    ["by the end of its process", `task("a", { run: () => process.exit(3) });`, "exit"],
    [
      "by kill -9",
      `task("a", { run: () => { process.kill(process.pid, "SIGKILL"); return new Promise(() => {}); } });`,
      "exit",
    ],
  ])(
    "%s",
    async (_name, body, reason) => {
      const env = { TIDEMILL_INFRA_RETRIES: "0" };
      await using given = await setup(body, "schedule: null", env);
      const ended = given.engine.events.next("dag_run.failed", {}, { deadlineMs: 90_000 });
      await given.client.trigger("d");
      await ended;
      expect(await given.alerts()).toEqual(ofTask(reason));
    },
    120_000,
  );
});

describe("a run that fails gives one alert", () => {
  test("when it is out of time, whatever still runs", async () => {
    const body = `task("a", { run: () => new Promise(() => {}) });`;
    await using given = await setup(body, `schedule: null, timeout: "300ms"`);
    const ended = given.engine.events.next("dag_run.failed");
    await given.client.trigger("d");
    await ended;
    expect(await given.alerts()).toEqual([{ kind: "dag_run.failed", reason: "run_timeout" }]);
  });

  test("when a person marks its task as failed, and the task gives its own", async () => {
    const body = `task("a", { run: () => new Promise(() => {}) });`;
    await using given = await setup(body);
    const started = given.engine.events.next("task_instance.started");
    const { runId } = await given.client.trigger("d");
    await started;
    const ended = given.engine.events.next("dag_run.failed");
    await given.client.markTasks({ dagId: "d", runId, taskIds: ["a"], state: "failed" });
    await ended;
    expect(await given.alerts()).toEqual(ofTask("manual"));
  });
});

describe("a success", () => {
  test("after a failure gives one recovery, with how often and how long it was broken", async () => {
    await using given = await setup(
      `task("a", { run: ({ instanceKey }) => { if (instanceKey.endsWith("_c0")) throw new Error("no"); } });`,
    );
    const failed = given.engine.events.next("dag_run.failed");
    const { runId } = await given.client.trigger("d");
    await failed;
    for (let time = 0; time < 2; time++) {
      const succeeded = given.engine.events.next("dag_run.succeeded");
      await given.client.clearTasks({ dagId: "d", runId });
      await succeeded;
    }
    const recoveries = await rows(
      given.run,
      `select (payload ->> 'count')::int as count, (payload ->> 'durationMs')::int > 0 as is_long
       from alert where kind = 'dag_run.recovered'`,
    );
    expect(recoveries).toEqual([{ count: 1, is_long: true }]);
  });

  test("without a failure before it gives none", async () => {
    await using given = await setup(`task("a", { run: () => 1 });`);
    const succeeded = given.engine.events.next("dag_run.succeeded");
    await given.client.trigger("d");
    await succeeded;
    expect(await given.alerts()).toEqual([]);
  });
});
