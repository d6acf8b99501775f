import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { dag, type Dag } from "@tidemill/dag-core";
import type { Transaction } from "../../../packages/dag-core/src/store/database.ts";
import { testDatabase, type TestDatabase } from "../../helpers/database.ts";
import { insertRun, register, setInstance, sql } from "../../helpers/factory.ts";
import { brokenInvariants, invariants } from "../../helpers/invariants.ts";

/** `a` before `b`, and `m` for each item of `l`. */
function daily(): Dag {
  const options = { schedule: "@daily", startDate: "2026-01-01", catchup: "all" } as const;
  return dag("d", options, ({ task, each }) => {
    const a = task("a", { run: () => 1 });
    task("b", { after: [a], run: () => 2 });
    const l = task("l", { run: () => [1, 2] });
    each("m", { over: l, run: ({ item }) => item });
  });
}

const interval = (day: number) => [`2026-01-0${day}T00:00Z`, `2026-01-0${day + 1}T00:00Z`] as const;
const taskIds = ["a", "b", "l", "m"];
const runId = "(select dag_run_id from dag_run where run_id = 'one')";
const of = (taskId: string) =>
  `(select min(task_instance_id) from task_instance where dag_run_id = ${runId} and task_id = '${taskId}')`;
const goesOn = `update dag_run set state = 'running', ended_at = null where run_id = 'one'`;
const aProcess = `insert into process (kind, host, pid, version, capacity) values ('worker', 'h', 1, '1', 1)`;
const runs = (taskId: string, process = "(select max(process_id) from process)") =>
  `update task_instance set state = 'running', lease_token = '00000000-0000-0000-0000-000000000001', process_id = ${process}
   where task_instance_id = ${of(taskId)}`;
const tried = (taskId: string, facts: Readonly<Record<string, string>>) => {
  const row = {
    task_instance_id: of(taskId),
    dag_run_id: runId,
    try_number: "1",
    hand_off: "2",
    clear_number: "0",
    map_index: "-1",
    ready_at: "now() - interval '1 s'",
    claimed_at: "now()",
    started_at: "now()",
    ended_at: "now()",
    dag_id: "'d'",
    task_id: `'${taskId}'`,
    state: "'up_for_retry'",
    error: `'{"class": "Lost"}'`,
    ...facts,
  };
  return `insert into task_try (${Object.keys(row).join(", ")}) values (${Object.values(row).join(", ")})`;
};
const alert = (kind: string, taskInstanceId: string) =>
  `insert into alert (kind, dag_id, dag_run_id, task_instance_id, payload) values ('${kind}', 'd', ${runId}, ${taskInstanceId}, '{}')`;
const aRun = (id: string, facts: Readonly<Record<string, string>> = {}) => {
  const row = {
    dag_version_id: "(select dag_version_id from dag)",
    dag_id: "'d'",
    run_id: `'${id}'`,
    run_type: "'scheduled'",
    triggered_by: "'test'",
    run_after: "'2026-01-02'",
    data_interval_start: "'2026-01-01'",
    data_interval_end: "'2026-01-02'",
    ...facts,
  };
  return `insert into dag_run (${Object.keys(row).join(", ")}) values (${Object.values(row).join(", ")})`;
};
const aBackfill = `insert into backfill (dag_id, from_date, to_date, reprocess, run_backwards, max_active_runs, params, plan_hash, created_by)
  values ('d', now(), now(), 'none', false, 1, '{}', '', 'test')`;
const ready = `insert into task_ready (task_instance_id, dag_run_id, priority_weight, pool_slots, order_at, dag_id)
  values (${of("b")}, ${runId}, 1, 1, now(), 'd')`;
const hold = (slots: number) =>
  `insert into "limit" (kind, name, capacity) values ('key', 'k', 1);
   insert into limit_holder (kind, name, task_instance_id, slots) values ('key', 'k', ${of("b")}, ${slots})`;
const failed = (taskId: string) =>
  `update task_instance set state = 'failed', reason = 'error' where task_instance_id = ${of(taskId)}`;
const waits = (seconds: number) =>
  `update task_instance set state = 'up_for_retry', wake_at = now() - interval '${seconds} s' where task_instance_id = ${of("b")}`;

/** What breaks each invariant, in a database where all of them hold. */
const violations: Readonly<Record<string, readonly string[]>> = {
  "no task instance of an ended run is unfinished": [waits(0)],
  "what is ready is scheduled, and its run is running": [ready],
  "what belongs to a run or to a task instance has it": [
    `insert into xcom (task_instance_id, value) values (0, '1')`,
  ],
  "only live task instances hold a limit": [hold(1)],
  "no limit is exceeded": [aProcess, runs("b"), hold(2)],
  "no DAG runs more than its maxActiveRuns": [
    goesOn,
    `insert into "limit" (kind, name, capacity) values ('dag_runs', 'd', 0)
     on conflict (kind, name) do update set capacity = 0`,
  ],
  "tries are within their maximum": [
    `update task_instance set try_number = 2 where task_instance_id = ${of("b")}`,
  ],
  "a try that ended is in the run log once": [tried("b", { hand_off: "1" })],
  "no two attempts of a task instance overlap in the run log": [
    tried("b", { claimed_at: "now() - interval '1 day'" }),
  ],
  "a final failure has its alert": [failed("b")],
  "a failed run has its alert": [`update dag_run set state = 'failed' where run_id = 'one'`],
  "nothing that succeeded is told as a failure": [alert("task_instance.failed", of("b"))],
  "intervals of a DAG do not overlap": [
    `update dag_run_interval set interval_end = interval_end + interval '1 h'`,
  ],
  "a run is never older than what was decided about it": [
    `update dag_run set decided = changed + 1 where run_id = 'one'`,
  ],
  "an ended backfill has no unfinished run": [
    aBackfill,
    `update backfill set state = 'success', ended_at = now()`,
    aRun("late", { backfill_id: "(select max(backfill_id) from backfill)" }),
  ],
  "no run is unfinished": [aRun("late")],
  "nothing is ready": [ready],
  "nothing holds a limit": [hold(1)],
  "no backfill is left without an end": [aBackfill],
  "no run waits for a decision": [`update dag_run set needs_decision = true where run_id = 'one'`],
  "what is scheduled is ready, or held back by a limit of its run": [
    goesOn,
    `update task_instance set state = 'scheduled' where task_instance_id = ${of("b")}`,
  ],
  "what runs runs under a process": [goesOn, runs("b", "0")],
  "an interval has one run": [aRun("again", { logical_date: "'2026-01-01'" })],
  "with catchup all no interval is left out": [
    `delete from dag_run_interval where interval_start = '2026-01-02'`,
  ],
  "no run is made before its time": [
    `update dag_run set queued_at = run_after - interval '1 s' where run_id = 'one'`,
  ],
  "what is next is later than what was last": [
    `update dag set next_run_after = last_interval_end - interval '1 s'`,
  ],
  "a lease belongs to one attempt": [aProcess, runs("a"), runs("b")],
  "a try ends with one verdict": [tried("b", { state: "'failed'", error: "null" })],
  "nothing runs again after its verdict, unless it was cleared": [tried("b", {})],
  "a later try follows one that was to be retried": [tried("b", { try_number: "2" })],
  "what an attempt decided is what its task instance says": [
    failed("b"),
    alert("task_instance.failed", of("b")),
  ],
  "a task that ended by an attempt has the record of that attempt": [
    `delete from task_try where task_instance_id = ${of("b")}`,
  ],
  "nothing starts before what it follows has ended as its rule asks": [
    `update task_instance set state = 'skipped' where task_instance_id = ${of("a")}`,
  ],
  "a mapped task has an instance for each item": [
    `update task_instance set list_length = 3 where task_instance_id = ${of("l")}`,
  ],
  "a run that succeeded has no failed leaf": [failed("b")],
  "everything unfinished has something that will move it": [goesOn, waits(120)],
  "the times of a try are in their order, by the clock of the database": [
    `update task_try set ended_at = now() + interval '1 h' where task_instance_id = ${of("b")}`,
  ],
};

let db: TestDatabase;

beforeAll(async () => {
  db = await testDatabase();
  await register(db.database, daily());
  for (const [index, name] of ["one", "two", "three"].entries()) {
    const facts = { dagId: "d", runId: name, state: "success", runType: "scheduled" } as const;
    const id = await insertRun(db.database, { ...facts, interval: interval(index + 1) });
    for (const taskId of taskIds) await setInstance(db.database, id, taskId, { state: "success" });
  }
  await db.database.script(`
    set search_path = tidemill;
    update task_instance set hand_off = 1, list_length = case when task_id = 'l' then 2 end,
      map_index = case when task_id = 'm' then 0 else -1 end;
    insert into task_instance (dag_run_id, task_id, map_index, state, try_number, hand_off, ended_at)
    select dag_run_id, 'm', 1, 'success', 1, 1, now() from dag_run;
    insert into task_try (task_instance_id, dag_run_id, try_number, hand_off, clear_number, map_index, ready_at,
      claimed_at, started_at, ended_at, dag_id, task_id, state)
    select task_instance_id, dag_run_id, 1, 1, 0, map_index, now(), now(), now(), now(), 'd', task_id, 'success'
    from task_instance;
    update dag set last_interval_start = '2026-01-03', last_interval_end = '2026-01-04', next_run_after = '2026-01-05';`);
});
afterAll(() => db.drop());

class Undo extends Error {}

/** The names of the invariants that do not hold after some statements, which are undone. */
async function brokenAfter(statements: readonly string[]): Promise<readonly string[]> {
  let broken: readonly string[] = [];
  const plant = async (tx: Transaction) => {
    for (const statement of statements.flatMap((text) => text.split(";\n")))
      await sql(tx, statement);
    broken = Object.keys(await brokenInvariants(tx));
    throw new Undo();
  };
  await db.database.transaction(plant).catch((error: unknown) => {
    if (!(error instanceof Undo)) throw error;
  });
  return broken;
}

test("all of them hold where nothing is wrong", async () => {
  expect(await brokenInvariants(db.database)).toEqual({});
});

test.each(invariants.map(({ name }) => name))("it is noticed when not: %s", async (name) => {
  expect(await brokenAfter(violations[name] ?? [])).toContain(name);
});
