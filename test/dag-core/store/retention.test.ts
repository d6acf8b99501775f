import { expect, test } from "@jest/globals";
import { partitionEnsure, retentionApply } from "../../../packages/dag-core/src/store/dag.ts";
import { testDatabase } from "../../helpers/database.ts";
import { insertRun, plainDag, register, setInstance, sql } from "../../helpers/factory.ts";

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

test("tries stay as long as runs, alerts as long as events, and none that may still be on its way goes", async () => {
  await using db = await testDatabase();
  const past = "now() - interval '200 days'";
  await sql(
    db.database,
    `select partition_ensure(p, (${past})::date) from unnest(array['task_try', 'event']) as p`,
  );
  await sql(
    db.database,
    `insert into task_try (task_instance_id, dag_run_id, try_number, hand_off, clear_number, map_index, ready_at,
       claimed_at, started_at, ended_at, dag_id, task_id, state)
     select 1, 1, 1, 1, 0, -1, t, t, t, t, 'd', 't', 'success' from (select ${past} as t) x`,
  );
  await sql(db.database, `insert into event (at, name, actor) values (${past}, 'old', 'test')`);
  await sql(
    db.database,
    `insert into alert (kind, dag_id, payload, created_at, dag_run_id)
     select 'dag_run.failed', 'd', '{}', now() - days * interval '1 day', days
     from unnest(array[200, 91, 3, 0]) as days`,
  );
  await sql(
    db.database,
    `insert into process (kind, host, pid, version, capacity, state, ended_at)
     select 'worker', 'h', days, '0', 1, 'ended', now() - days * interval '1 day'
     from unnest(array[500, 200]) as days`,
  );
  const counts = () =>
    sql(
      db.database,
      `select (select count(*) from task_try)::int as tries, (select count(*) from event)::int as events,
         (select array_agg(dag_run_id::int order by alert_id) from alert) as alerts,
         (select array_agg(pid) from process) as processes`,
    );
  await retentionApply(db.database, { logDays: 30, eventDays: 90, runDays: 365 });
  expect(await counts()).toEqual([{ tries: 1, events: 0, alerts: [3, 0], processes: [200] }]);
  await retentionApply(db.database, { logDays: 1, eventDays: 1, runDays: 150 });
  expect(await counts()).toEqual([{ tries: 0, events: 0, alerts: [3, 0], processes: null }]);
});

test("several processes at once make and drop the partitions of months", async () => {
  await using db = await testDatabase();
  const together = () => Promise.all([1, 2, 3, 4, 5, 6].map(() => partitionEnsure(db.database)));
  const drop = `select partition_drop_before(p, '2100-01-01')
    from unnest(array['task_try', 'task_log', 'event']) as p`;
  const days = { logDays: 1, eventDays: 1, runDays: 1 };
  for (let round = 1; round <= 3; round++) {
    await sql(db.database, drop);
    const made = (await together()).flat().filter(({ created }) => created);
    expect(made).toHaveLength(9);
    await sql(
      db.database,
      `select partition_ensure(p, date '2020-01-01' + n * 31)
       from unnest(array['task_try', 'task_log', 'event']) as p, generate_series(0, 5) as n`,
    );
    await Promise.all([1, 2, 3, 4].map(() => retentionApply(db.database, days)));
  }
});

test.each(["dag", "dag_version"])("rows of %s stay, since runs refer to them", async (table) => {
  await using db = await testDatabase();
  await register(db.database, plainDag("kept"));
  const gone = sql(db.database, `delete from ${table}`);
  await expect(gone).rejects.toMatchObject({ code: "23001" });
});

test("what belongs to a run goes with it, and what belongs to others stays", async () => {
  await using db = await testDatabase();
  await register(db.database, plainDag("d"));
  for (const runId of ["old", "new"]) {
    const id = await insertRun(db.database, { dagId: "d", runId, state: "success" });
    await setInstance(db.database, id, "a", { state: "success" });
  }
  await sql(db.database, "insert into xcom select task_instance_id, '1' from task_instance");
  await sql(
    db.database,
    `insert into task_ready (task_instance_id, dag_run_id, priority_weight, pool_slots, order_at, dag_id)
     select task_instance_id, dag_run_id, 1, 1, now(), 'd' from task_instance`,
  );
  await sql(
    db.database,
    "insert into limit_holder select 'pool', 'p', task_instance_id, 1 from task_instance",
  );
  const left = () =>
    sql(
      db.database,
      `select run_id, i.task_id, x.value, t.dag_id, h.slots
       from dag_run full join task_instance i using (dag_run_id) full join xcom x using (task_instance_id)
       full join task_ready t using (task_instance_id) full join limit_holder h using (task_instance_id)
       order by run_id`,
    );
  const whole = { task_id: "a", value: 1, dag_id: "d", slots: 1 };
  expect(await left()).toEqual([
    { run_id: "new", ...whole },
    { run_id: "old", ...whole },
  ]);
  await sql(db.database, "delete from dag_run where run_id = 'old'");
  expect(await left()).toEqual([{ run_id: "new", ...whole }]);
});
