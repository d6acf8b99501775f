import { expect, test } from "@jest/globals";
import { retentionApply } from "../../../packages/dag-core/src/store/dag.ts";
import { testDatabase } from "../../helpers/database.ts";
import { insertRun, plainDag, register, sql } from "../../helpers/factory.ts";

test("runs that ended before their time go, the newest of each DAG and those that go on stay", async () => {
  await using db = await testDatabase();
  await register(db.database, plainDag("busy"), plainDag("idle"));
  const day = (n: number) => new Date(Date.UTC(2025, 0, n)).toISOString();
  for (let n = 1; n <= 5; n++) {
    const state = n === 2 ? "running" : "success";
    await insertRun(db.database, {
      dagId: "busy",
      runId: `b${n}`,
      state,
      interval: [day(n), day(n + 1)],
    });
  }
  await insertRun(db.database, {
    dagId: "idle",
    runId: "only",
    state: "failed",
    interval: [day(1), day(2)],
  });
  await sql(db.database, "update dag_run set ended_at = run_after where state <> 'running'");
  await sql(
    db.database,
    `insert into dag_run (dag_version_id, dag_id, run_id, run_type, state, triggered_by, data_interval_start,
       data_interval_end, run_after, started_at, ended_at)
     select dag_version_id, 'busy', 'bulk' || n, 'manual', 'success', 'test', t, t, t, t, t
     from dag, generate_series(1, 5000) as n, lateral (select '2024-01-01T00:00Z'::timestamptz + n * interval '1 minute' as t) x
     where dag_id = 'busy'`,
  );
  const days = { logDays: 30, eventDays: 30, runDays: 30 };
  expect(await retentionApply(db.database, days)).toBe(5_003);
  const left = await sql<{ run_id: string }>(
    db.database,
    "select run_id from dag_run order by run_id",
  );
  expect(left.map((row) => row.run_id)).toEqual(["b2", "b5", "only"]);
  expect(await retentionApply(db.database, days)).toBe(0);
});
