import { expect, test } from "@jest/globals";
import { dag } from "@tidemill/dag-core";
import { isTransient } from "../../packages/dag-core/src/store/transient-errors.ts";
import { enginePair } from "../helpers/engine-pair.ts";
import { EngineProcess } from "../helpers/engine-process.ts";
import { dagText, testEngine } from "../helpers/engine.ts";
import { insertRun, plainDag, sql } from "../helpers/factory.ts";
import { heldTransaction, untilBlocked } from "../helpers/held-transaction.ts";

const instance = "select state, try_number, infra_retries from task_instance";
const givenBack = [{ state: "scheduled", try_number: 1, infra_retries: 1 }];
const terminateWhoWaits = `select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and wait_event_type = 'Lock'`;

test("lost work: a recovery that the database cuts off is done by the next look", async () => {
  await using given = await enginePair(plainDag("d"));
  const { db, one, two } = given;
  await given.running();
  await one.fallSilent();
  await using held = await heldTransaction(db.database);
  await held.query("select from dag_run for no key update");
  const cutOff = two.tick().catch((error: unknown) => error);
  await untilBlocked(db.database, 1);
  await held.query(terminateWhoWaits);
  expect(isTransient(await cutOff)).toBe(true);
  await held.commit();
  expect(await given.rows("select state from process order by process_id")).toEqual([
    { state: "lost" },
    { state: "alive" },
  ]);
  await two.tick({ looksForLost: true });
  expect(await given.rows(instance)).toEqual(givenBack);
  await given.sound("under way");
});

test("lost work: a scheduler looks for it again and again, not only when it starts", async () => {
  await using run = await testEngine({
    files: { "d.ts": dagText("d", `task("a", { run: () => 1 });`) },
    env: { TIDEMILL_LEASE: "2s", TIDEMILL_HEARTBEAT: "200ms" },
  });
  await run.engine.events.next("scheduler.tick_finished");
  await using dead = await EngineProcess.start(run.db.url);
  const rescued = run.engine.events.next("task_instance.rescued", {}, { deadlineMs: 30_000 });
  await insertRun(run.db.database, { dagId: "d" });
  // As if whoever declared the process lost had died before it gave anything back.
  await sql(run.db.database, "update process set state = 'lost', ended_at = now() where pid = 1");
  await sql(
    run.db.database,
    `update task_instance set state = 'running', try_number = 1, hand_off = 1, ready_at = now(), started_at = now(),
       lease_token = gen_random_uuid(), process_id = $1::bigint`,
    dead.processId,
  );
  expect(await rescued).toMatchObject({ taskId: "a" });
});

test("lost work: what a lost attempt held of a key is free, and all that waits for the key gets done", async () => {
  const keyed = dag("d", { schedule: null, startDate: "2026-01-01" }, ({ task }) => {
    task("a", { concurrencyKey: { key: "k", limit: 1 }, run: () => undefined });
  });
  await using given = await enginePair(keyed);
  const { one, two } = given;
  await given.start("d", 3);
  expect(await one.claim(5)).toHaveLength(1);
  await one.fallSilent();
  await two.tick();
  for (let turn = 0; turn < 3; turn++) {
    const claimed = await two.claim(5);
    expect(claimed).toHaveLength(1);
    await two.finish(claimed);
  }
  await given.sound();
});

test("lost work: a retry outlives the memory of the process that planned it", async () => {
  await using given = await enginePair(plainDag("d", { a: [] }, { defaults: { retries: 1 } }));
  const running = await given.running();
  const error = { class: "Error", message: "no" };
  await given.one.finish([running], { kind: "failed", reason: "error", error, retry: "policy" });
  await given.rows("update task_instance set wake_at = now()");
  await given.two.tick();
  expect(await given.rows(instance)).toEqual([
    { state: "scheduled", try_number: 2, infra_retries: 0 },
  ]);
});

test("lost work: what runs under a process of which nothing is known is given back", async () => {
  await using given = await enginePair(plainDag("d"));
  await given.running();
  await given.rows("delete from process where process_id = $1::bigint", given.one.processId);
  await given.two.tick({ looksForLost: true });
  expect(await given.rows(instance)).toEqual(givenBack);
});

const daily = (catchup: "none" | "latest" | "all") =>
  plainDag(
    "d",
    { a: [] },
    {
      schedule: { cron: "0 0 * * *", interval: "none" },
      startDate: "2026-03-01",
      catchup,
    },
  );
const dates = "select to_char(logical_date, 'MM-DD') as day from dag_run order by 1";
const march = (day: number, ms = 0) => new Date(Date.UTC(2026, 2, day) + ms);

test.each(["none", "latest", "all"] as const)(
  "lost work: catchup %s loses no tick, whether a look comes just before it, right at it or a little late",
  async (catchup) => {
    await using given = await enginePair(daily(catchup));
    const look = async (now: Date) => {
      await given.rows("update dag set next_run_after = '-infinity'");
      await given.one.create(now);
    };
    await look(march(1, 1));
    for (const now of [march(2, -1), march(2), march(3, -1), march(3, 250), march(4, 59_000)]) {
      await look(now);
    }
    const days = (await given.rows<{ day: string }>(dates)).map(({ day }) => day);
    expect(days.slice(-3)).toEqual(["03-02", "03-03", "03-04"]);
    await given.sound("under way");
  },
);

test("lost work: schedules go on after a look that the database cut off", async () => {
  await using given = await enginePair(daily("all"));
  const { db, one } = given;
  await given.rows("update dag set next_run_after = '-infinity'");
  await using held = await heldTransaction(db.database);
  await held.query("lock table dag_run in share mode");
  const cutOff = one.create(march(2)).catch((error: unknown) => error);
  await untilBlocked(db.database, 1);
  await held.query(terminateWhoWaits);
  expect(isTransient(await cutOff)).toBe(true);
  await held.commit();
  await one.create(march(2));
  expect(await given.rows(dates)).toEqual([{ day: "03-01" }, { day: "03-02" }]);
  await given.sound("under way");
});
