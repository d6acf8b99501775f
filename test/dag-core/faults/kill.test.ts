import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type Client, createClient } from "@tidemill/dag-core/client";
import { dagFolder, type DagFolder } from "../../helpers/dag-folder.ts";
import { testDatabase, type TestDatabase } from "../../helpers/database.ts";
import { effectDag, type Effects, effectTarget } from "../../helpers/effects.ts";
import { dagText } from "../../helpers/engine.ts";
import { sql } from "../../helpers/factory.ts";
import { brokenInvariants } from "../../helpers/invariants.ts";
import { schedulerProcess } from "../../helpers/scheduler-process.ts";
import { until } from "../../helpers/until.ts";

const width = 12;
const waits = `task("waits", { run: ({ signal }) => new Promise((_, no) => signal.addEventListener("abort", () => no(signal.reason))) });`;
const ended = "select bool_and(state in ('success', 'failed')) from dag_run";
const once = [...Array(width).keys()].map((n) => ({ task: `t${n}`, times: 1 }));
const byTask = (a: { task: string }, b: { task: string }) => (a.task < b.task ? -1 : 1);

let db: TestDatabase;
let folder: DagFolder;
let effects: Effects;
let client: Client;

beforeEach(async () => {
  db = await testDatabase();
  effects = await effectTarget();
  folder = await dagFolder({
    "effects.ts": effectDag("effects", width, 0.6),
    "waits.ts": dagText("waits", waits),
    "fails.ts": dagText("fails", `task("bad", { run: () => { throw new Error("for good"); } });`),
  });
  client = createClient({ databaseUrl: db.url, actor: "test" });
});
afterEach(async () => {
  await client.close();
  await folder[Symbol.asyncDispose]();
  await effects[Symbol.asyncDispose]();
  await db.drop();
});

const start = (role: "scheduler" | "worker" = "scheduler") =>
  schedulerProcess({ databaseUrl: db.url, dagsFolder: folder.path, role, env: effects.env });

async function tries(): Promise<readonly { try_number: number; reason: string | null }[]> {
  return sql(db.database, "select distinct try_number, reason from task_try order by reason");
}

describe("a scheduler that is killed", () => {
  test("its run ends under the next one, each effect once, no user retry used, no alert", async () => {
    await using first = await start();
    await client.trigger("effects");
    await first.events.next("task_instance.started", { taskId: "t3" });
    expect(await first.kill("SIGKILL")).toBe("SIGKILL");
    await using second = await start();
    await until(db.database, ended, {
      tellMore: "select task_id, state, reason from task_instance",
    });
    expect([...(await effects.written())].sort(byTask)).toEqual([...once].sort(byTask));
    expect(await sql(db.database, "select state from dag_run")).toEqual([{ state: "success" }]);
    expect((await tries()).every((row) => row.try_number === 1)).toBe(true);
    expect(second.seen).toContain("task_instance.rescued");
    expect(await sql(db.database, "select * from alert")).toEqual([]);
    expect(await brokenInvariants(db.database)).toEqual({});
  });

  test("of two that share a run the other one finishes it, and a failure is told once", async () => {
    await using first = await start();
    await using second = await start();
    await client.trigger("effects");
    await client.trigger("fails");
    await until(db.database, "select count(*) > 3 from task_instance where state = 'running'");
    await first.kill("SIGKILL");
    await until(db.database, ended, {
      tellMore: "select task_id, state, reason from task_instance",
    });
    expect(second.hasEnded).toBe(false);
    expect([...(await effects.written())].sort(byTask)).toEqual([...once].sort(byTask));
    const alerts = await sql(db.database, "select kind from alert order by kind");
    expect(alerts).toEqual([{ kind: "dag_run.failed" }, { kind: "task_instance.failed" }]);
    expect(await brokenInvariants(db.database)).toEqual({});
  });
});

describe("a scheduler that is told to stop", () => {
  test("ends with 0; what does not end in time is given back at once and costs no try", async () => {
    await using first = await schedulerProcess({
      databaseUrl: db.url,
      dagsFolder: folder.path,
      env: { TIDEMILL_DRAIN: "300ms" },
    });
    await client.trigger("waits");
    await first.events.next("task_instance.started", { taskId: "waits" });
    expect(await first.kill("SIGTERM")).toBe(0);
    expect(first.printed()).toBe("");
    const rows = await sql(
      db.database,
      `select i.state, i.try_number, i.infra_retries, p.state as process
       from task_instance i cross join process p`,
    );
    expect(rows).toEqual([
      { state: "scheduled", try_number: 1, infra_retries: 0, process: "ended" },
    ]);
    expect(await sql(db.database, "select state, reason from task_try")).toEqual([
      { state: "up_for_retry", reason: "stopped" },
    ]);
    expect(await brokenInvariants(db.database, "under way")).toEqual({});
  });

  test("waits for what ends within the drain time", async () => {
    await using first = await start();
    await client.trigger("effects");
    await first.events.next("task_instance.started", { taskId: "t3" });
    expect(await first.kill("SIGTERM")).toBe(0);
    const states = await sql(db.database, "select distinct state, reason from task_try");
    expect(states).toEqual([{ state: "success", reason: null }]);
    expect(await brokenInvariants(db.database, "under way")).toEqual({});
  });
});

describe("a scheduler that stood still for longer than its lease", () => {
  test("alone: it notices, registers anew, and everything is done once", async () => {
    await using only = await start();
    await client.trigger("effects");
    await only.events.next("task_instance.started", { taskId: "t3" });
    only.signal("SIGSTOP");
    const lost = only.events.next("process.lost");
    await sql(db.database, "select pg_sleep(3)");
    only.signal("SIGCONT");
    await lost;
    await until(db.database, ended, {
      tellMore: "select task_id, state, reason, infra_retries from task_instance",
    });
    expect(await sql(db.database, "select state from dag_run")).toEqual([{ state: "success" }]);
    expect([...(await effects.written())].sort(byTask)).toEqual([...once].sort(byTask));
    await until(db.database, "select count(*) = 1 from process where state = 'alive'");
    const [most] = await sql<{ most: number }>(
      db.database,
      "select max(infra_retries) as most from task_instance",
    );
    expect(most?.most).toBeLessThan(3);
    expect(await brokenInvariants(db.database)).toEqual({});
  });

  test("with another one: its late results are fenced", async () => {
    await using frozen = await start();
    await client.trigger("effects");
    await frozen.events.next("task_instance.started", { taskId: "t3" });
    frozen.signal("SIGSTOP");
    await using other = await start();
    await other.events.next("task_instance.rescued");
    const lost = frozen.events.next("process.lost");
    frozen.signal("SIGCONT");
    await lost;
    await until(db.database, ended, {
      tellMore: "select task_id, state, reason from task_instance",
    });
    expect(await sql(db.database, "select state from dag_run")).toEqual([{ state: "success" }]);
    expect([...(await effects.written())].sort(byTask)).toEqual([...once].sort(byTask));
    expect(await brokenInvariants(db.database)).toEqual({});
  });
});
