import type pg from "pg";
import { expect, test } from "@jest/globals";
import { enginePair } from "../helpers/engine-pair.ts";
import { dagText, testEngine } from "../helpers/engine.ts";
import { insertRun, plainDag } from "../helpers/factory.ts";

const hour = 3_600_000;

test("scheduler death: nights that change the clock stop no schedule", async () => {
  const zoned = (dagId: string, schedule: string, timezone: string) =>
    plainDag(dagId, { a: [] }, { schedule, timezone, startDate: "2026-03-28", catchup: "all" });
  const dags = [
    zoned("half_hour", "15 * * * *", "Australia/Lord_Howe"),
    zoned("all_hours", "0 0-23 * * *", "Australia/Lord_Howe"),
    zoned("in_the_gap", "30 2 * * *", "Europe/Berlin"),
    zoned("across_it", "*/20 1-3 * * *", "Europe/Berlin"),
    zoned("hourly", "@hourly", "UTC"),
  ];
  await using given = await enginePair(...dags);
  const from = Date.UTC(2026, 2, 28);
  const until = Date.UTC(2026, 3, 6);
  for (let now = from; now <= until; now += 12 * hour) {
    await given.rows("update dag set next_run_after = '-infinity'");
    await given.rows("update dag_run set state = 'success', started_at = now(), ended_at = now()");
    await given.one.create(new Date(now));
  }
  const covered = await given.rows<{ dag_id: string; until: Date }>(
    "select dag_id, max(interval_end) as until from dag_run_interval group by dag_id order by 1",
  );
  expect(covered.map((row) => row.dag_id)).toHaveLength(dags.length);
  const behind = covered.filter((row) => row.until.getTime() < until - 24 * hour);
  expect(behind).toEqual([]);
  await given.sound("under way");
});

test("scheduler death: a run id that is taken stops neither its schedule nor the others", async () => {
  const daily = (dagId: string) =>
    plainDag(dagId, { a: [] }, { schedule: "@daily", startDate: "2026-03-01", catchup: "all" });
  await using given = await enginePair(daily("d"), daily("other"));
  const taken = "scheduled__2026-03-02T00:00:00+00:00";
  await insertRun(given.db.database, { dagId: "d", runId: taken, state: "success" });
  for (let look = 0; look < 2; look++) {
    await given.rows("update dag set next_run_after = '-infinity'");
    await given.one.create(new Date(Date.UTC(2026, 2, 4)));
  }
  const rows = await given.rows(
    "select dag_id, count(*)::integer as runs from dag_run group by dag_id order by 1",
  );
  expect(rows).toEqual([
    { dag_id: "d", runs: 3 },
    { dag_id: "other", runs: 3 },
  ]);
});

/**
 * What a failover to a standby looks like for a while: sessions are cut off, and new ones may only read. The setting is
 * committed first; a connection that is made meanwhile is cut off like the others.
 */
async function setReadOnly(judge: pg.Client, state: "on" | "off"): Promise<void> {
  const { rows } = await judge.query<{ name: string }>(
    "select quote_ident(current_database()) as name",
  );
  await judge.query(`alter database ${rows[0]?.name} set default_transaction_read_only = ${state}`);
  await judge.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid()`,
  );
}

test("scheduler death: a database that can only be read for a while is waited for", async () => {
  await using run = await testEngine({
    files: { "d.ts": dagText("d", `task("a", { run: () => 1 });`) },
  });
  const { events } = run.engine;
  const judge = await run.db.database.connect();
  const failures: unknown[] = [];
  events.on("scheduler.tick_failed", (failure) => failures.push(failure));
  const refused = Promise.withResolvers<void>();
  events.on("database.lost", ({ error }) => {
    if (error?.includes("read-only")) refused.resolve();
  });
  await setReadOnly(judge, "on");
  await judge.query(
    `insert into tidemill.dag_run (dag_version_id, dag_id, run_id, run_type, triggered_by, run_after,
       data_interval_start, data_interval_end)
     select dag_version_id, dag_id, 'r', 'manual', 'test', now(), now(), now() from tidemill.dag`,
  );
  await refused.promise;
  const succeeded = events.next("dag_run.succeeded", {}, { deadlineMs: 60_000 });
  await setReadOnly(judge, "off");
  await judge.end();
  expect(await succeeded).toMatchObject({ dagId: "d" });
  expect(failures).toEqual([]);
});
