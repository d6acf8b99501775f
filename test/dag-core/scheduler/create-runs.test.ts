import { describe, expect, test } from "@jest/globals";
import type { DagOptions } from "@tidemill/dag-core";
import type { z } from "zod";
import { createClient } from "../../../packages/dag-core/src/client/index.ts";
import type { TestDatabase } from "../../helpers/database.ts";
import { eachTest } from "../../helpers/each-test.ts";
import { enginePair } from "../../helpers/engine-pair.ts";
import type { EngineProcess } from "../../helpers/engine-process.ts";
import { insertRun, plainDag, register, sql } from "../../helpers/factory.ts";
import { brokenInvariants } from "../../helpers/invariants.ts";

let db: TestDatabase;
let one: EngineProcess;
let two: EngineProcess;

eachTest(
  () => enginePair(),
  (made) => void ({ db, one, two } = made),
);

const day = (n: number, hour = 0) => new Date(Date.UTC(2026, 2, n, hour));
const daily = (options: Partial<DagOptions<z.ZodType>> = {}, dagId = "d") =>
  plainDag(dagId, { a: [] }, { schedule: "@daily", startDate: "2026-03-01", ...options });

/** Registers and makes the DAGs due at a moment that the test names, whatever the clock says. */
async function declare(...dags: Parameters<typeof register>[1][]) {
  await register(db.database, ...dags);
  await sql(db.database, "update dag set next_run_after = '-infinity'");
}
const makeDue = () => sql(db.database, "update dag set next_run_after = '-infinity'");

async function starts(dagId = "d"): Promise<string[]> {
  const rows = await sql<{ day: string }>(
    db.database,
    `select to_char(data_interval_start, 'MM-DD HH24') as day from dag_run
     where dag_id = $1::text and run_type = 'scheduled' order by data_interval_start`,
    dagId,
  );
  return rows.map((row) => row.day);
}
const endRuns = () =>
  sql(db.database, "update dag_run set state = 'success', started_at = now(), ended_at = now()");
const gaps = () =>
  sql(
    db.database,
    `select to_char(gap_start, 'MM-DD') as start, to_char(gap_end, 'MM-DD') as end, intervals from missed_interval order by 1`,
  );
const position = () =>
  sql(
    db.database,
    `select to_char(last_interval_end, 'MM-DD') as until, to_char(next_run_after, 'MM-DD') as next from dag`,
  );

describe("catchup", () => {
  test("none: runs nothing of the past, and the interval that ends next", async () => {
    await declare(daily({ catchup: "none" }));
    await one.create(day(4, 12));
    expect(await starts()).toEqual([]);
    await makeDue();
    await one.create(day(5));
    expect(await starts()).toEqual(["03-04 00"]);
    expect(await position()).toEqual([{ until: "03-05", next: "03-06" }]);
    expect(await sql(db.database, "select run_id from dag_run")).toEqual([
      { run_id: "scheduled__2026-03-04T00:00:00+00:00" },
    ]);
  });

  test("latest: runs the newest interval, and calls nothing missed before the DAG was known", async () => {
    await declare(daily({ catchup: "latest" }));
    await one.create(day(5, 12));
    expect(await starts()).toEqual(["03-04 00"]);
    expect(await gaps()).toEqual([]);
  });

  test("latest, after an outage: what lies between is noted as missed", async () => {
    await declare(daily({ catchup: "latest" }));
    await one.create(day(3));
    await makeDue();
    await one.create(day(7, 12));
    expect(await starts()).toEqual(["03-02 00", "03-06 00"]);
    expect(await gaps()).toEqual([{ start: "03-03", end: "03-06", intervals: 3 }]);
  });

  test("a gap that later runs fill is not missed any more", async () => {
    await declare(daily({ catchup: "latest" }));
    await one.create(day(3));
    await makeDue();
    await one.create(day(5, 12));
    expect(await gaps()).toEqual([{ start: "03-03", end: "03-04", intervals: 1 }]);
    await insertRun(db.database, {
      dagId: "d",
      interval: ["2026-03-03T00:00Z", "2026-03-04T00:00Z"],
      state: "success",
    });
    expect(await gaps()).toEqual([]);
  });

  test("all: every interval, as many at once as may be active, and goes on as they end", async () => {
    await declare(daily({ catchup: "all", maxActiveRuns: 2 }));
    await one.create(day(6));
    expect(await starts()).toEqual(["03-01 00", "03-02 00"]);
    await endRuns();
    await makeDue();
    await one.create(day(6));
    await endRuns();
    await makeDue();
    await one.create(day(6));
    expect(await starts()).toEqual(["03-01 00", "03-02 00", "03-03 00", "03-04 00", "03-05 00"]);
    expect(await gaps()).toEqual([]);
    expect(await brokenInvariants(db.database, "under way")).toEqual({});
  });
});

describe("what is covered already", () => {
  test("a manual run of an interval is stepped over", async () => {
    await declare(daily({ catchup: "all" }));
    await insertRun(db.database, {
      dagId: "d",
      interval: ["2026-03-02T00:00Z", "2026-03-03T00:00Z"],
    });
    await one.create(day(4));
    expect(await starts()).toEqual(["03-01 00", "03-03 00"]);
    expect(await brokenInvariants(db.database, "under way")).toEqual({});
  });

  test("a manual run without interval covers nothing", async () => {
    await declare(daily({ catchup: "all" }));
    await insertRun(db.database, { dagId: "d" });
    await one.create(day(3));
    expect(await starts()).toEqual(["03-01 00", "03-02 00"]);
  });

  test("the interval of a scheduled run that was cancelled is not run again by itself", async () => {
    await declare(daily({ catchup: "all" }));
    await one.create(day(3));
    await sql(db.database, "delete from dag_run_interval");
    await sql(db.database, "update dag_run set state = 'cancelled', ended_at = now()");
    await makeDue();
    await one.create(day(4));
    expect(await starts()).toEqual(["03-01 00", "03-02 00", "03-03 00"]);
  });
});

describe("a backfill of what was missed", () => {
  test.each(["none", "latest"] as const)("%s: fills exactly that", async (catchup) => {
    await declare(daily({ catchup, maxActiveRuns: 5 }));
    await one.create(day(3));
    await makeDue();
    await declare(daily({ catchup, schedule: "0 6 * * *" }));
    await one.create(day(7, 12));
    const rows = await sql<{ start: Date; end: Date; intervals: number }>(
      db.database,
      `select gap_start as start, gap_end as "end", intervals from missed_interval`,
    );
    const [gap] = rows;
    if (gap === undefined || rows.length > 1) throw new Error(`${rows.length} gaps`);
    expect(gap.start).toEqual(day(3));
    const backfill = {
      dagId: "d",
      from: gap.start.toISOString(),
      to: new Date(gap.end.getTime() - 1).toISOString(),
    };
    const { backfill: verbs } = createClient({ database: db.database, actor: "test" });
    const { plan } = await verbs.create(backfill);
    expect(plan.counts).toEqual({ create: gap.intervals, clear: 0, skip: 0 });
    expect(plan.entries[0]?.interval).toEqual({ start: day(3), end: day(3, 6) });
    expect(plan.entries.at(-1)?.interval.end).toEqual(gap.end);
    expect(await gaps()).toEqual([]);
    expect(await brokenInvariants(db.database, "under way")).toEqual({});
  });
});

describe("two schedulers at once", () => {
  test("create each run once, and share the DAGs", async () => {
    const ids = [...Array(20).keys()].map((n) => `d${n}`);
    await declare(...ids.map((id) => daily({ catchup: "all" }, id)));
    const looks = [one, two, one, two].map((process) => process.create(day(4), 7));
    const counts = (await Promise.all(looks)).map(({ created }) => created.length);
    const rest = await one.create(day(4));
    expect(counts.reduce((sum, n) => sum + n, rest.created.length)).toBe(60);
    const [row] = await sql(
      db.database,
      "select count(*)::integer as runs, count(distinct (dag_id, run_id))::integer as ids from dag_run",
    );
    expect(row).toEqual({ runs: 60, ids: 60 });
    expect(await brokenInvariants(db.database, "under way")).toEqual({});
  });

  test("the same scheduler called again creates nothing", async () => {
    await declare(daily({ catchup: "all" }));
    await one.create(day(4));
    await makeDue();
    expect((await two.create(day(4))).created).toEqual([]);
  });
});

describe("an edited schedule", () => {
  test("starts where the covered time ends, with one short interval", async () => {
    await declare(daily({ catchup: "all" }));
    await one.create(day(3));
    await declare(daily({ catchup: "all", schedule: "0 6 * * *" }));
    await one.create(day(4, 7));
    expect(await starts()).toEqual(["03-01 00", "03-02 00", "03-03 00", "03-03 06"]);
    const [short] = await sql(
      db.database,
      `select to_char(data_interval_end, 'MM-DD HH24') as end from dag_run
       where data_interval_start = '2026-03-03T00:00Z'`,
    );
    expect(short).toEqual({ end: "03-03 06" });
    expect(await brokenInvariants(db.database, "under way")).toEqual({});
  });

  test("from instants to intervals runs the interval that begins at the last instant", async () => {
    const instants = { cron: "0 0 * * *", interval: "none" } as const;
    await declare(daily({ catchup: "all", schedule: instants }));
    await one.create(day(2));
    await declare(daily({ catchup: "all" }));
    await one.create(day(4));
    expect(await starts()).toEqual(["03-01 00", "03-02 00", "03-02 00", "03-03 00"]);
    expect(await sql(db.database, "select run_id from dag_run order by run_after, run_id")).toEqual(
      [
        "scheduled__2026-03-01T00:00:00+00:00",
        "scheduled__2026-03-02T00:00:00+00:00",
        "scheduled__2026-03-02T00:00:00+00:00~2026-03-03T00:00:00+00:00",
        "scheduled__2026-03-03T00:00:00+00:00",
      ].map((run_id) => ({ run_id })),
    );
    expect(await brokenInvariants(db.database, "under way")).toEqual({});
  });

  test("from intervals to instants runs no moment twice", async () => {
    await declare(daily({ catchup: "all" }));
    await one.create(day(3));
    await declare(daily({ catchup: "all", schedule: { cron: "0 0 * * *", interval: "none" } }));
    await one.create(day(5));
    expect(await starts()).toEqual(["03-01 00", "03-02 00", "03-04 00", "03-05 00"]);
    expect(await brokenInvariants(db.database, "under way")).toEqual({});
  });

  test("runs that exist keep the version that they were made with", async () => {
    await declare(daily({ catchup: "all" }));
    await one.create(day(2));
    await declare(
      plainDag(
        "d",
        { a: [], b: [] },
        { schedule: "@daily", startDate: "2026-03-01", catchup: "all" },
      ),
    );
    await one.create(day(3));
    const rows = await sql(
      db.database,
      `select jsonb_array_length(v.manifest -> 'tasks') as tasks
       from dag_run r join dag_version v using (dag_version_id) order by r.data_interval_start`,
    );
    expect(rows).toEqual([{ tasks: 1 }, { tasks: 2 }]);
  });
});

describe("a DAG that is not to run", () => {
  test("paused, or gone from the files: creates nothing", async () => {
    await declare(daily({ catchup: "all" }), daily({ catchup: "all" }, "gone"));
    await sql(db.database, "update dag set is_paused = true where dag_id = 'd'");
    await register(db.database, daily({ catchup: "all" }));
    await makeDue();
    expect(await one.create(day(4))).toEqual({ created: [], due: 0, nextRunAfters: [] });
  });

  test.each([
    [
      "planned",
      `update dag_version set manifest = jsonb_set(manifest, '{timezone}', '"Mars/Olympus"') where dag_id = 'poison'`,
    ],
    [
      "stored",
      `create function refuse() returns trigger language plpgsql as $$ begin raise 'no room'; end $$;
       create trigger refuse before insert on dag_run_interval
         for each row when (new.dag_id = 'poison') execute function refuse()`,
    ],
  ])("whose runs cannot be %s is put off, and the others get theirs", async (_, poisoning) => {
    await declare(...["a", "poison", "z"].map((dagId) => daily({ catchup: "all" }, dagId)));
    await db.database.script(poisoning);
    const failures: (string | undefined)[] = [];
    one.bus.on("scheduler.tick_failed", ({ dagId }) => void failures.push(dagId));
    const { runsCreated } = await one.tick({ now: day(3) });
    expect(runsCreated).toBe(4);
    expect(await starts("a")).toEqual(["03-01 00", "03-02 00"]);
    expect(await starts("z")).toEqual(["03-01 00", "03-02 00"]);
    expect(failures).toEqual(["poison"]);
    const [row] = await sql(db.database, "select next_run_after from dag where dag_id = 'poison'");
    expect(row).toEqual({ next_run_after: new Date(day(3).getTime() + 60_000) });
  });
});

test("a tick that a manual run has taken is not created again at that very instant", async () => {
  const schedule = { cron: "0 * * * *", interval: "none" } as const;
  await declare(daily({ schedule, catchup: "all", startDate: "2026-03-02T01:00:00Z" }));
  const tick = day(2, 1).toISOString();
  await insertRun(db.database, { dagId: "d", interval: [tick, tick] });
  await one.create(day(2, 1));
  await makeDue();
  await one.create(day(2, 2));
  expect(await starts()).toEqual(["03-02 02"]);
});
