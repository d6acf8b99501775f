import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createClient } from "../../../packages/dag-core/src/client/index.ts";
import { testDatabase, type TestDatabase } from "../../helpers/database.ts";
import { insertRun, plainDag, register, setInstance, sql } from "../../helpers/factory.ts";

let fixture: TestDatabase;
const client = () => createClient({ databaseUrl: fixture.url, actor: "test:anna" });

beforeAll(async () => {
  fixture = await testDatabase();
  await register(
    fixture.database,
    plainDag(
      "daily",
      { a: [] },
      { schedule: "@daily", timezone: "Europe/Berlin", startDate: "2100-01-01" },
    ),
    plainDag("orders", { extract: [], load: ["extract"] }, { tags: ["shop"] }),
    plainDag("empty"),
    plainDag("mapped", { list: [], count: ["list"], finish: ["count"] }),
  );
  const id = await insertRun(fixture.database, { dagId: "orders", runId: "done", state: "failed" });
  await setInstance(fixture.database, id, "extract", { state: "failed" });
  await sql(
    fixture.database,
    `insert into task_try (task_instance_id, dag_run_id, try_number, hand_off, clear_number, map_index,
       ready_at, claimed_at, started_at, ended_at, dag_id, task_id, state, reason, error)
     select task_instance_id, dag_run_id, n, 0, 0, -1, now(), now(), now() - (3 - n) * interval '1 minute',
       now(), 'orders', 'extract', 'failed', 'error', '{"message":"out of paper"}'
     from task_instance, generate_series(1, 2) n where task_id = 'extract'`,
  );
  await insertRun(fixture.database, { dagId: "orders", runId: "going", state: "running" });
});
afterAll(() => fixture.drop());

/** A client of its own, which must close what it opened. */
async function ask<T>(
  question: (client: ReturnType<typeof createClient>) => Promise<T>,
): Promise<T> {
  const own = client();
  try {
    return await question(own);
  } finally {
    await own.close();
  }
}

describe("the read model", () => {
  test("DAGs with their last run and what is active", async () => {
    const dags = await ask(({ readModel }) => readModel.dags());
    expect(dags.map((dag) => dag.dagId)).toEqual(["daily", "empty", "mapped", "orders"]);
    expect(dags[3]).toMatchObject({ tags: ["shop"], tasks: 2, running: 1, lastRunId: "going" });
  });

  test("a DAG whose file cannot be imported is not there for that reason", async () => {
    await sql(
      fixture.database,
      "insert into import_error (file, message) values ('/srv/dags/shop/broken.ts', 'no such table'), ('orders.ts', 'no such column')",
    );
    await expect(ask(({ readModel }) => readModel.dag("broken"))).rejects.toMatchObject({
      code: "TIDEMILL_DAG_NOT_FOUND",
      message: expect.stringMatching(/its file cannot be imported; correct that\. no such table$/),
    });
    const orders = await ask(({ readModel }) => readModel.dag("orders"));
    expect(orders.importError).toBe("no such column");
    await sql(fixture.database, "delete from import_error");
  });

  test("runs newest first, by state, and of a DAG without any", async () => {
    const of = (options: Parameters<ReturnType<typeof createClient>["readModel"]["runs"]>[0]) =>
      ask(async ({ readModel }) => (await readModel.runs(options)).map((run) => run.runId));
    expect(await of({ dagId: "orders" })).toEqual(["going", "done"]);
    expect(await of({ state: "failed" })).toEqual(["done"]);
    expect(await of({ dagId: "empty" })).toEqual([]);
    await expect(of({ dagId: "emty" })).rejects.toMatchObject({ code: "TIDEMILL_DAG_NOT_FOUND" });
  });

  test("a run with its tasks, and its tries in order", async () => {
    const run = await ask(({ readModel }) => readModel.run("orders", "done"));
    expect(run.tasks).toMatchObject([{ taskId: "extract", state: "failed" }, { taskId: "load" }]);
    expect(run).not.toHaveProperty("dagRunId");
    const tries = await ask(({ readModel }) => readModel.tries("orders", "done", "extract"));
    expect(tries).toMatchObject([
      { tryNumber: 1, error: "out of paper" },
      { tryNumber: 2, error: "out of paper" },
    ]);
  });

  test("the tasks of a run in the order of its graph, mapped instances by their index", async () => {
    const id = await insertRun(fixture.database, { dagId: "mapped", runId: "m", state: "success" });
    await sql(
      fixture.database,
      `insert into task_instance (dag_run_id, task_id, map_index)
       select $1::bigint, 'count', n from unnest(array[2, 1]) n`,
      id,
    );
    const { tasks } = await ask(({ readModel }) => readModel.run("mapped", "m"));
    expect(tasks.map(({ taskId, mapIndex }) => `${taskId} ${mapIndex}`)).toEqual([
      "list -1",
      "count -1",
      "count 1",
      "count 2",
      "finish -1",
    ]);
  });

  test("the next runs of a schedule, in the zone of the DAG", async () => {
    const next = await ask(({ readModel }) => readModel.nextExecutions("daily", 2));
    expect(next.map((one) => one.logicalDate.toISOString())).toEqual([
      "2099-12-31T23:00:00.000Z",
      "2100-01-01T23:00:00.000Z",
    ]);
    expect(await ask(({ readModel }) => readModel.nextExecutions("orders"))).toEqual([]);
  });

  test("health without a scheduler", async () => {
    const health = await ask(({ readModel }) => readModel.health());
    expect(health).toMatchObject({ isHealthy: false, schedulers: 0, runningRuns: 1 });
    expect(health.problems[0]).toContain("No scheduler is alive");
  });
});

test("pausing twice changes once, and leaves one event", async () => {
  const { database } = fixture;
  const changes = await ask(async ({ pauseDag, unpauseDag }) => [
    await pauseDag("empty", { why: "holidays" }),
    await pauseDag("empty"),
    await unpauseDag("empty"),
  ]);
  expect(changes).toEqual([true, false, true]);
  const events = await sql(
    database,
    "select name, details ->> 'why' as why from event where dag_id = 'empty' order by event_id",
  );
  expect(events).toEqual([
    { name: "dag.paused", why: "holidays" },
    { name: "dag.unpaused", why: null },
  ]);
});
