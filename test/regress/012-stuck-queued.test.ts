import { expect, test } from "@jest/globals";
import { createClient } from "@tidemill/dag-core/client";
import { enginePair } from "../helpers/engine-pair.ts";
import { dagText, testEngine } from "../helpers/engine.ts";
import { insertRun, plainDag, sql } from "../helpers/factory.ts";

test("stuck queued: the slot of an attempt that was taken away is free for the next", async () => {
  const waits = `task("a", { run: ({ signal }) => new Promise((_, no) => signal.addEventListener("abort", () => no(signal.reason))) });`;
  await using run = await testEngine({
    files: {
      "waits.ts": dagText("waits", waits),
      "next.ts": dagText("next", `task("a", { run: () => 1 });`),
    },
    env: { TIDEMILL_PARALLELISM: "1" },
  });
  const { events } = run.engine;
  const client = createClient({ database: run.db.database, actor: "test" });
  const started = events.next("task_instance.started", { dagId: "waits" });
  const { runId } = await client.trigger("waits");
  await started;
  const succeeded = events.next("dag_run.succeeded", { dagId: "next" }, { deadlineMs: 30_000 });
  await client.trigger("next");
  await client.cancelRun("waits", runId);
  expect(await succeeded).toMatchObject({ dagId: "next" });
});

test("stuck queued: what was handed to a process and never reached it is given back and runs", async () => {
  await using run = await testEngine({
    files: { "d.ts": dagText("d", `task("a", { run: () => 1 });`) },
  });
  const { database } = run.db;
  const succeeded = run.engine.events.next("dag_run.succeeded", {}, { deadlineMs: 60_000 });
  await insertRun(database, { dagId: "d" });
  await sql(
    database,
    `update task_instance set state = 'running', try_number = 1, hand_off = 1, lease_token = gen_random_uuid(),
       ready_at = now() - interval '1 minute', started_at = now() - interval '1 minute',
       process_id = (select process_id from process where state = 'alive')`,
  );
  await succeeded;
  expect(await sql(database, "select state, hand_off from task_try order by hand_off")).toEqual([
    { state: "up_for_retry", hand_off: 1 },
    { state: "success", hand_off: 2 },
  ]);
});

test("stuck queued: what is given back when its run is out of time ends with the run", async () => {
  await using given = await enginePair(plainDag("d", { a: [], b: ["a"] }, { timeout: "1h" }));
  const { one, two } = given;
  const running = await given.running();
  await one.fallSilent();
  await given.rows("update dag_run set times_out_at = now()");
  await two.tick();
  expect(await given.rows("select state, reason from dag_run")).toEqual([
    { state: "failed", reason: "run_timeout" },
  ]);
  expect(await two.claim(5)).toEqual([]);
  expect((await one.finish([running])).hop.fenced).toHaveLength(1);
  await given.sound();
});

test("stuck queued: a place that an attempt left behind is held by nobody", async () => {
  await using given = await enginePair(
    plainDag("d", { a: [], b: ["a"] }, { maxActiveTasksPerDag: 1 }),
  );
  const { one, two } = given;
  const running = await given.running();
  await given.rows("create table left_behind as select * from limit_holder");
  await one.finish([running]);
  await given.rows("insert into limit_holder select * from left_behind");
  expect(await two.claim(5)).toHaveLength(1);
});

/** As many as one batch of a tick takes. */
const broken = 200;

test("stuck queued: a full batch of runs that cannot be advanced holds up none behind it", async () => {
  await using given = await enginePair(
    plainDag("d", { a: [] }, { maxActiveRuns: broken }),
    plainDag("sound"),
  );
  const { one, two } = given;
  await given.start("d", broken);
  await given.start("sound");
  await given.rows("delete from task_ready");
  await given.rows("update dag_run set needs_decision = true, changed = changed + 1");
  await given.rows(
    "create function refuse() returns trigger language plpgsql as $$ begin raise 'no room'; end $$",
  );
  await given.rows(
    `create trigger refuse before insert on task_ready
     for each row when (new.dag_id = 'd') execute function refuse()`,
  );
  let failures = 0;
  two.bus.on("scheduler.tick_failed", () => (failures += 1));
  await two.tick();
  expect(await one.claim(5)).toHaveLength(1);
  expect(failures).toBe(broken);
});
