import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "@jest/globals";
import { createClient } from "@tidemill/dag-core/client";
import { startStack } from "@tidemill/local";
import { Database } from "../../../packages/dag-core/src/store/database.ts";
import { dagFolder } from "../../helpers/dag-folder.ts";
import { testDatabase } from "../../helpers/database.ts";
import { dagText } from "../../helpers/engine.ts";
import { sql } from "../../helpers/factory.ts";
import { brokenInvariants } from "../../helpers/invariants.ts";
import { schedulerProcess } from "../../helpers/scheduler-process.ts";
import { until } from "../../helpers/until.ts";

const ended = "select bool_and(state in ('success', 'failed')) from dag_run";
const unfinished =
  "select task_id, state, reason from task_instance where state not in ('success') limit 5";
const chain = `
  let previous = [];
  for (let level = 0; level < 10; level++) {
    const now = [];
    for (let n = 0; n < 20; n++) {
      now.push(task("t" + level + "_" + n, { after: previous.slice(0, 3), run: () => new Promise((yes) => setTimeout(() => yes({ level }), 20)) }));
    }
    previous = now;
  }`;

describe("a database in trouble", () => {
  test("whose backends are terminated again and again: nobody exits, 200 tasks succeed once", async () => {
    await using db = await testDatabase();
    await using folder = await dagFolder({ "d.ts": dagText("d", chain) });
    const client = createClient({ databaseUrl: db.url, actor: "test" });
    await using scheduler = await schedulerProcess({
      databaseUrl: db.url,
      dagsFolder: folder.path,
      env: { TIDEMILL_LEASE: "5s", TIDEMILL_HEARTBEAT: "1s" },
    });
    await client.trigger("d");
    await client.close();
    await scheduler.events.next("task_instance.started");
    const judge = await db.database.connect();
    let terminated = 0;
    for (let blow = 0; blow < 20; blow++) {
      const { rows } = await judge.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid()
           and (application_name like 'tidemill _%' or query like 'listen%' or query like '%pg_notify%')`,
      );
      terminated += rows.length;
      await judge.query("select pg_sleep(0.2)");
    }
    await judge.end();
    expect(terminated).toBeGreaterThan(20);
    await until(db.database, ended, { tellMore: unfinished });
    expect(scheduler.hasEnded).toBe(false);
    expect(scheduler.seen).toContain("database.lost");
    const states = await sql(
      db.database,
      "select state, try_number, count(*)::integer as n from task_instance group by 1, 2",
    );
    expect(states).toEqual([{ state: "success", try_number: 1, n: 200 }]);
    const successes = await sql(
      db.database,
      "select count(*)::integer as n from task_try where state = 'success'",
    );
    expect(successes).toEqual([{ n: 200 }]);
    expect(await sql(db.database, "select * from alert")).toEqual([]);
    expect(await brokenInvariants(db.database)).toEqual({});
    expect(await scheduler.kill("SIGTERM")).toBe(0);
    expect(scheduler.printed()).toBe("");
  });

  test("that is stopped and started again: the scheduler lives on and finishes the run", async () => {
    const directory = await mkdtemp(path.join(tmpdir(), "tidemill-fault-"));
    await chmod(directory, 0o755);
    const stack = await startStack({ directory, services: ["postgres"], ports: { postgres: 0 } });
    const url = stack.addresses.databaseUrl ?? "";
    const database = new Database({ url, connections: 2 });
    try {
      await using folder = await dagFolder({ "d.ts": dagText("d", chain) });
      await using scheduler = await schedulerProcess({
        databaseUrl: url,
        dagsFolder: folder.path,
      });
      const client = createClient({ databaseUrl: url, actor: "test" });
      await client.trigger("d");
      await client.close();
      await scheduler.events.next("task_instance.succeeded");
      const lost = scheduler.events.next("database.lost");
      const dead = scheduler.events.next("process.lost");
      await stack.stopService("postgres");
      await lost;
      // Longer than the lease: it could not renew, so what it carried is not its own any more.
      await dead;
      await stack.startService("postgres");
      expect(stack.addresses.databaseUrl).toBe(url);
      await until(database, ended, { tellMore: unfinished });
      expect(scheduler.hasEnded).toBe(false);
      const states = await sql(
        database,
        "select state, try_number, count(*)::integer as n from task_instance group by 1, 2",
      );
      expect(states).toEqual([{ state: "success", try_number: 1, n: 200 }]);
      await until(database, "select count(*) = 1 from process where state = 'alive'");
      expect(await brokenInvariants(database)).toEqual({});
      expect(await scheduler.kill("SIGTERM")).toBe(0);
    } finally {
      await database.close();
      await stack.stop();
      await rm(directory, { recursive: true, force: true });
    }
  });

  test("that is away when the scheduler is told to stop: it ends all the same", async () => {
    const directory = await mkdtemp(path.join(tmpdir(), "tidemill-fault-"));
    await chmod(directory, 0o755);
    const stack = await startStack({ directory, services: ["postgres"], ports: { postgres: 0 } });
    try {
      await using folder = await dagFolder({ "d.ts": dagText("d", chain) });
      await using scheduler = await schedulerProcess({
        databaseUrl: stack.addresses.databaseUrl ?? "",
        dagsFolder: folder.path,
        env: { TIDEMILL_DRAIN: "500ms" },
      });
      const lost = scheduler.events.next("database.lost");
      await stack.stopService("postgres");
      await lost;
      expect(await scheduler.kill("SIGTERM")).toBe(0);
    } finally {
      await stack.stop();
      await rm(directory, { recursive: true, force: true });
    }
  });
});
