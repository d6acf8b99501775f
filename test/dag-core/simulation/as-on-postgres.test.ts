import { expect, test } from "@jest/globals";
import { type Dag, dag } from "@tidemill/dag-core";
import { simulate } from "@tidemill/dag-core/testing";
import { testDatabase } from "../../helpers/database.ts";
import { EngineProcess, type Running } from "../../helpers/engine-process.ts";
import { register, sql } from "../../helpers/factory.ts";

const run = () => undefined;
const daily = { schedule: "@daily", startDate: "2026-01-01", catchup: "all" } as const;
const dags: readonly Dag[] = [
  dag("chain", daily, ({ task }) => {
    const a = task("a", { retries: 2, retryDelay: "1s", run });
    const bad = task("bad", { after: [a], retries: 1, retryDelay: "1s", run });
    task("after_bad", { after: [bad], run });
    task("always", { after: [bad], triggerRule: "all_done", run });
  }),
  dag("wide", { ...daily, maxActiveTasks: 2, runState: "any_failure" }, ({ task }) => {
    const all = ["a", "bad", "c"].map((id) => task(id, { maxActivePerDag: 1, run }));
    task("one_failed", { after: all, triggerRule: "one_failed", run });
    task("none_failed", { after: all, triggerRule: "none_failed", run });
  }),
];
/** The first try of every task fails, and all of some. */
const fails = (taskId: string, tryNumber: number) =>
  taskId === "bad" || (taskId === "a" && tryNumber === 1);

interface Result {
  readonly dag_id: string;
  readonly run_id: string;
  readonly task_id: string;
  readonly state: string;
  readonly try_number: number;
}

test("a simulation comes to the results of Postgres", async () => {
  await using db = await testDatabase();
  await using one = await EngineProcess.start(db.url);
  await register(db.database, ...dags);
  await sql(db.database, "update dag set next_run_after = '-infinity'");
  await one.create(new Date("2026-01-04T00:00:00Z"));
  const tries = new Map<string, number>();
  const error = { class: "Failure", message: "it fails" };
  const finish = (running: Running) => {
    const tryNumber = (tries.get(running.taskInstanceId) ?? 0) + 1;
    tries.set(running.taskInstanceId, tryNumber);
    return fails(running.taskId, tryNumber)
      ? one.finish([running], { kind: "failed", reason: "error", error, retry: "policy" })
      : one.finish([running]);
  };
  for (let round = 0; round < 100; round++) {
    await one.startRuns();
    for (const running of await one.claim(10)) await finish(running);
    const open = await sql<{ dag_run_id: string }>(
      db.database,
      "select dag_run_id from dag_run where state in ('queued', 'running')",
    );
    if (open.length === 0) break;
    await sql(db.database, "update task_instance set wake_at = now() where wake_at is not null");
    await sql(db.database, "update dag_run set changed = changed + 1 where state = 'running'");
    await one.advance(open.map((row) => row.dag_run_id));
  }
  const stored = await sql<Result>(
    db.database,
    "select r.dag_id, r.run_id, i.task_id, i.state, i.try_number from task_instance i join dag_run r using (dag_run_id)",
  );
  const log = await simulate(dags, {
    from: "2026-01-04",
    to: "2026-01-04T12:00:00Z",
    failures: ({ taskId, tryNumber }) => fails(taskId, tryNumber),
  });
  const simulated = log.taskInstances.map((row) => {
    return `${row.dagId} ${row.runId} ${row.taskId} ${row.state} ${row.tryNumber}`;
  });
  expect(simulated).toHaveLength(3 * 9);
  expect(simulated.sort()).toEqual(
    stored.map((r) => `${r.dag_id} ${r.run_id} ${r.task_id} ${r.state} ${r.try_number}`).sort(),
  );
  const runs = await sql<{ dag_id: string; run_id: string; state: string }>(
    db.database,
    "select dag_id, run_id, state from dag_run",
  );
  expect(log.runs.map((r) => `${r.dagId} ${r.runId} ${r.state}`).sort()).toEqual(
    runs.map((r) => `${r.dag_id} ${r.run_id} ${r.state}`).sort(),
  );
});
