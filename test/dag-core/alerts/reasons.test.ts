import { describe, expect, test } from "@jest/globals";
import { createClient } from "@tidemill/dag-core/client";
import { dagFolder } from "../../helpers/dag-folder.ts";
import { testDatabase, type TestDatabase } from "../../helpers/database.ts";
import { dagText, testEngine, type TestEngineOptions } from "../../helpers/engine.ts";
import { schedulerProcess } from "../../helpers/scheduler-process.ts";

const rows = async ({ database }: TestDatabase, text: string) =>
  database.many<Record<string, unknown>>({ name: "", text, parameters: [] });
const alertsOf = (db: TestDatabase) =>
  rows(db, "select kind, payload ->> 'reason' as reason from alert order by kind desc");

async function setup(body: string, options = "schedule: null", env: TestEngineOptions["env"] = {}) {
  const text = `import { z } from ${JSON.stringify(import.meta.resolve("zod"))};\n${dagText("d", body, options)}`;
  const run = await testEngine({ files: { "d.ts": text }, env });
  const client = createClient({ database: run.db.database, actor: "test" });
  const alerts = () => alertsOf(run.db);
  return { ...run, client, alerts, [Symbol.asyncDispose]: () => run[Symbol.asyncDispose]() };
}

/** Runs until it is told to end: code that does not listen costs its grace of five seconds. */
const untilAborted =
  "({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))";

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
    ["by its timeout", `task("a", { timeout: "200ms", run: ${untilAborted} });`, "timeout"],
    ["by an output that is none", `task("a", { run: () => ({ at: 1n }) });`, "serialization"],
    ["by the end of its process", `task("a", { run: () => process.exit(3) });`, "exit"],
    [
      "by kill -9",
      `task("a", { run: () => { process.kill(process.pid, "SIGKILL"); return new Promise(() => {}); } });`,
      "exit",
    ],
  ])("%s", async (_name, body, reason) => {
    const env = { TIDEMILL_INFRA_RETRIES: "0" };
    await using given = await setup(body, "schedule: null", env);
    const ended = given.engine.events.next("dag_run.failed", {}, { deadlineMs: 90_000 });
    await given.client.trigger("d");
    await ended;
    expect(await given.alerts()).toEqual(ofTask(reason));
  });
});

test("a task that hits the heap limit of its process gives one alert, and its run one", async () => {
  const body = `task("a", { run: () => { const kept = []; for (;;) kept.push(new Array(10_000).fill(0.5)); } });`;
  const db = await testDatabase();
  await using folder = await dagFolder({ "d.ts": dagText("d", body) });
  // Of a runner below this process the test runner would take what it prints for its own end.
  await using scheduler = await schedulerProcess({
    databaseUrl: db.url,
    dagsFolder: folder.path,
    env: { TIDEMILL_INFRA_RETRIES: "0", TIDEMILL_RUNNER_HEAP_MB: "64" },
  });
  const ended = scheduler.events.next("dag_run.failed", {}, { deadlineMs: 90_000 });
  await createClient({ database: db.database, actor: "test" }).trigger("d");
  await ended;
  expect(await alertsOf(db)).toEqual(ofTask("out_of_memory"));
  await scheduler.kill("SIGTERM");
  await db.drop();
});

test("params that only the code can refuse give one alert of the task, and one of the run", async () => {
  const body = `task("a", { run: () => 1 });`;
  const options = `schedule: null, params: z.object({ n: z.int().default(0) }).refine(({ n }) => n > 0, "is not positive")`;
  await using given = await setup(body, options);
  const ended = given.engine.events.next("dag_run.failed");
  await given.client.trigger("d");
  await ended;
  expect(await given.alerts()).toEqual([
    { kind: "task_instance.failed", reason: "params" },
    { kind: "dag_run.failed", reason: "params" },
  ]);
});

describe("a run that fails gives one alert", () => {
  test("when it is out of time, though its task still runs", async () => {
    const body = `task("a", { run: ${untilAborted} });`;
    await using given = await setup(body, `schedule: null, timeout: "300ms"`);
    const ended = given.engine.events.next("dag_run.failed");
    await given.client.trigger("d");
    await ended;
    expect(await given.alerts()).toEqual([{ kind: "dag_run.failed", reason: "run_timeout" }]);
  });

  test("when a person marks its task as failed, and the task gives its own", async () => {
    const body = `task("a", { run: ${untilAborted} });`;
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
      given.db,
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
