import { expect, test } from "@jest/globals";
import { createClient } from "@tidemill/dag-core/client";
import { createEngine } from "@tidemill/dag-core/engine";
import { advanceRuns } from "../../packages/dag-core/src/scheduler/advance-runs.ts";
import {
  loseSilentProcesses,
  lostAttempts,
} from "../../packages/dag-core/src/scheduler/rescue-lost.ts";
import { RunCache } from "../../packages/dag-core/src/scheduler/run-cache.ts";
import { dagFolder } from "../helpers/dag-folder.ts";
import { enginePair } from "../helpers/engine-pair.ts";
import { EngineProcess } from "../helpers/engine-process.ts";
import { dagText, engineConfig, testEngine } from "../helpers/engine.ts";
import { plainDag, sql } from "../helpers/factory.ts";
import { heldTransaction, untilBlocked } from "../helpers/held-transaction.ts";
import { until } from "../helpers/until.ts";

const instance = "select state, hand_off, infra_retries, process_id from task_instance";

test("duplicate execution: a scheduler's restart does not start a second copy", async () => {
  await using given = await enginePair(plainDag("d"));
  const { db, one } = given;
  const running = await given.running();
  await using folder = await dagFolder({ "d.ts": dagText("d", `task("a", { run: () => 1 });`) });
  const config = engineConfig(db.url, folder.path, { TIDEMILL_LEASE: "10m" });
  const restarted = createEngine({ config, role: "scheduler", schedules: false });
  await restarted.start();
  for (let look = 0; look < 2; look++) await restarted.events.next("scheduler.tick_finished");
  await restarted.stop();
  expect(await given.rows(instance)).toEqual([
    { state: "running", hand_off: 1, infra_retries: 0, process_id: one.processId },
  ]);
  await one.finish([running]);
  expect(await given.rows("select state, hand_off from task_try")).toEqual([
    { state: "success", hand_off: 1 },
  ]);
  await given.sound();
});

test("duplicate execution: what a worker runs is not started again when a scheduler dies", async () => {
  await using given = await enginePair(plainDag("d"));
  await given.running();
  await using scheduler = await EngineProcess.start(given.db.url);
  await scheduler.fallSilent();
  const lost = given.two.bus.next("process.lost", { processId: scheduler.processId });
  await given.two.tick();
  await lost;
  expect(await given.two.claim(5)).toEqual([]);
  expect(await given.rows(instance)).toEqual([
    { state: "running", hand_off: 1, infra_retries: 0, process_id: given.one.processId },
  ]);
});

test("duplicate execution: a task that takes long is no orphan while its process gives signs of life", async () => {
  await using given = await enginePair(plainDag("d"));
  await given.running();
  await given.rows(
    "update task_instance set ready_at = ready_at - interval '1 day', started_at = started_at - interval '1 day'",
  );
  await given.two.tick({ looksForLost: true });
  expect(await given.two.claim(5)).toEqual([]);
  expect(await given.rows(instance)).toMatchObject([{ state: "running", infra_retries: 0 }]);
});

test("duplicate execution: an attempt out of time has ended before its retry begins", async () => {
  const body = `
  task("a", {
    timeout: "300ms", retries: 1, retryDelay: "1ms",
    run: async ({ tryNumber }) => {
      const file = process.env.TIDEMILL_CONN_PID;
      if (tryNumber === 1) {
        writeFileSync(file, String(process.pid));
        return new Promise(() => setInterval(() => undefined, 1000));
      }
      try {
        process.kill(Number(readFileSync(file, "utf8")), 0);
        return "alive";
      } catch (error) {
        return error.code;
      }
    },
  });`;
  const imports = `import { readFileSync, writeFileSync } from "node:fs";\n`;
  await using scratch = await dagFolder({});
  await using run = await testEngine({
    files: { "d.ts": imports + dagText("d", body) },
    env: { TIDEMILL_CONN_PID: `${scratch.path}/pid` },
  });
  const client = createClient({ database: run.db.database, actor: "test" });
  const ended = run.engine.events.next("dag_run.succeeded", {}, { deadlineMs: 60_000 });
  await client.trigger("d");
  await ended;
  expect(await sql(run.db.database, "select value from xcom")).toEqual([{ value: "ESRCH" }]);
});

test("duplicate execution: a process that lost its lease begins nothing again before its own copy has ended", async () => {
  const body = `
  task("a", {
    run: async ({ signal, log }) => {
      const file = process.env.TIDEMILL_CONN_COPY;
      if (existsSync(file)) return readFileSync(file, "utf8");
      writeFileSync(file, "runs");
      log.info("begun");
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      await new Promise((resolve) => setTimeout(resolve, 1500));
      writeFileSync(file, "has ended");
      signal.throwIfAborted();
    },
  });`;
  const imports = `import { existsSync, readFileSync, writeFileSync } from "node:fs";\n`;
  await using scratch = await dagFolder({});
  const env = { TIDEMILL_LEASE: "500ms", TIDEMILL_HEARTBEAT: "100ms", TIDEMILL_TICK: "100ms" };
  await using run = await testEngine({
    files: { "d.ts": imports + dagText("d", body) },
    env: { ...env, TIDEMILL_CONN_COPY: `${scratch.path}/copy` },
  });
  const client = createClient({ database: run.db.database, actor: "test" });
  const ended = run.engine.events.next("dag_run.succeeded", {}, { deadlineMs: 60_000 });
  await client.trigger("d");
  await until(run.db.database, "exists (select from task_log where message = 'begun')");
  await sql(run.db.database, "update process set state = 'lost', ended_at = now()");
  await ended;
  expect(await sql(run.db.database, "select value from xcom")).toEqual([{ value: "has ended" }]);
});

test("duplicate execution: a timeout and the loss of its process, told at once, bring one more attempt", async () => {
  await using given = await enginePair(plainDag("d", { a: [] }, { defaults: { retries: 3 } }));
  const { db, one, two } = given;
  const running = await given.running();
  await one.fallSilent();
  await using held = await heldTransaction(db.database);
  await held.query("select from dag_run for no key update");
  const timeout = one.finish([running], {
    kind: "failed",
    reason: "timeout",
    error: { class: "Timeout", message: "out of time" },
    retry: { afterMs: 0 },
  });
  await untilBlocked(db.database, 1);
  const rescue = two.tick();
  await untilBlocked(db.database, 2);
  await held.commit();
  await Promise.all([timeout, rescue]);
  expect(await given.rows("select hand_off from task_try")).toEqual([{ hand_off: 1 }]);
  await two.tick({ looksForLost: true });
  const again = await two.claim(5);
  expect(again).toHaveLength(1);
  await two.finish(again);
  expect(await given.rows("select state from task_try order by hand_off")).toEqual([
    { state: "up_for_retry" },
    { state: "success" },
  ]);
  await given.sound();
});

test("duplicate execution: a list of lost work that has grown old takes nothing from its new owner", async () => {
  await using given = await enginePair(plainDag("d"));
  const { one, two } = given;
  await given.running();
  await one.fallSilent();
  await loseSilentProcesses(two.database, 15_000);
  const old = await lostAttempts(two.database, new Date());
  expect(old).toHaveLength(1);
  await two.tick({ looksForLost: true });
  const [again] = await two.claim(1);
  const options = { cache: new RunCache(), maxInfraRetries: 3, finished: old };
  const { hop } = await advanceRuns(two.database, options);
  expect(hop.fenced).toHaveLength(1);
  expect(await given.rows("select state, hand_off, lease_token from task_instance")).toEqual([
    { state: "running", hand_off: 2, lease_token: again?.lease },
  ]);
});
