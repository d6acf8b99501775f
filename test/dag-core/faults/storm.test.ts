import { describe, expect, test } from "@jest/globals";
import { createClient } from "@tidemill/dag-core/client";
import { dagFolder } from "../../helpers/dag-folder.ts";
import { testDatabase } from "../../helpers/database.ts";
import { effectDag, effectTarget } from "../../helpers/effects.ts";
import { EngineProcess } from "../../helpers/engine-process.ts";
import { dagText } from "../../helpers/engine.ts";
import { insertRun, sql } from "../../helpers/factory.ts";
import { brokenInvariants } from "../../helpers/invariants.ts";
import { schedulerProcess } from "../../helpers/scheduler-process.ts";
import { until } from "../../helpers/until.ts";

const ended = "select bool_and(state in ('success', 'failed')) from dag_run";
const width = 60;

describe("schedulers that are killed one after the other", () => {
  test("at events of all kinds: every run ends, every effect is there once", async () => {
    await using db = await testDatabase();
    await using effects = await effectTarget();
    await using folder = await dagFolder({ "effects.ts": effectDag("effects", width, 0.1) });
    const client = createClient({ databaseUrl: db.url, actor: "test" });
    const start = () =>
      schedulerProcess({
        databaseUrl: db.url,
        dagsFolder: folder.path,
        env: { ...effects.env, TIDEMILL_LEASE: "1s", TIDEMILL_INFRA_RETRIES: "20" },
      });
    const moments = [
      { event: "task_instance.started", nth: 1 },
      { event: "task_instance.succeeded", nth: 3 },
      { event: "task_instance.rescued", nth: 1 },
      { event: "task_instance.started", nth: 20 },
      { event: "process.lost", nth: 1 },
    ] as const;
    let triggered = false;
    for (const { event, nth } of moments) {
      await using scheduler = await start();
      if (!triggered) await client.trigger("effects");
      triggered = true;
      const times = () => scheduler.seen.filter((name) => name === event).length;
      while (times() < nth) await scheduler.events.next(event);
      await scheduler.kill("SIGKILL");
    }
    await client.close();
    await using last = await start();
    await until(db.database, ended, {
      deadlineMs: 90_000,
      tellMore: "select task_id, state from task_instance",
    });
    expect(last.hasEnded).toBe(false);
    const written = await effects.written();
    expect(written).toHaveLength(width);
    expect(written.every(({ times }) => times === 1)).toBe(true);
    expect(await sql(db.database, "select state from dag_run")).toEqual([{ state: "success" }]);
    expect(await sql(db.database, "select distinct try_number from task_try")).toEqual([
      { try_number: 1 },
    ]);
    expect(await brokenInvariants(db.database)).toEqual({});
  });
});

describe("a worker without any scheduler", () => {
  test("finds ready tasks though nobody told it, and brings their run to its end", async () => {
    await using db = await testDatabase();
    const body = `const a = task("a", { run: () => 1 }); task("b", { after: [a], run: () => 2 });`;
    await using folder = await dagFolder({ "d.ts": dagText("d", body) });
    const options = { databaseUrl: db.url, dagsFolder: folder.path };
    await using scheduler = await schedulerProcess(options);
    expect(await scheduler.kill("SIGTERM")).toBe(0);
    await using worker = await schedulerProcess({ ...options, role: "worker" });
    await using starter = await EngineProcess.start(db.url);
    await insertRun(db.database, { dagId: "d", state: "queued" });
    const done = worker.events.next("dag_run.succeeded");
    await starter.startRuns();
    await done;
    expect(await brokenInvariants(db.database)).toEqual({});
  });
});
