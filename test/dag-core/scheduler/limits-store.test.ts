import { expect, test } from "@jest/globals";
import { dag } from "@tidemill/dag-core";
import { testDatabase } from "../../helpers/database.ts";
import { EngineProcess, startedBy } from "../../helpers/engine-process.ts";
import { insertRun, register, sql } from "../../helpers/factory.ts";
import { brokenInvariants } from "../../helpers/invariants.ts";

const options = { schedule: null, startDate: "2026-01-01", maxActiveTasksPerDag: 5 } as const;
const run = () => undefined;
/** A minute, where one is wanted: `TIDEMILL_TEST_LIMITS_MS=60000`. */
const workMs = Number(process.env["TIDEMILL_TEST_LIMITS_MS"] ?? 10_000);
/** However slow the machine is: less would prove nothing. */
const least = 50;
const processes = 3;

/** Slots that running tasks take of what they say they need, whatever anybody has recorded; one snapshot, one commit. */
const overPools = `
  select p.pool, sum((t ->> 'poolSlots')::integer) as taken, p.slots
  from task_instance i
  join dag_run r using (dag_run_id)
  join dag_version v using (dag_version_id)
  cross join lateral jsonb_array_elements(v.manifest -> 'tasks') as t
  join pool p on p.pool = t ->> 'pool'
  where i.state = 'running' and t ->> 'taskId' = i.task_id and p.slots >= 0
  group by p.pool, p.slots
  having sum((t ->> 'poolSlots')::integer) > p.slots`;

test("processes that claim and finish at once exceed no limit at any commit", async () => {
  await using db = await testDatabase();
  await sql(db.database, "insert into pool (pool, slots) values ('narrow', 2), ('wide', 3)");
  const define = (dagId: string) =>
    dag(dagId, options, ({ task }) => {
      const first = task("first", { pool: "narrow", run });
      task("double", { after: [first], pool: "wide", poolSlots: 2, run });
      task("keyed", { after: [first], pool: "wide", concurrencyKey: { key: "k", limit: 1 }, run });
      task("alone", { after: [first], maxActivePerDag: 1, run });
    });
  await register(db.database, define("one"), define("two"));
  const engines = await Promise.all([...Array(processes)].map(() => EngineProcess.start(db.url)));
  const until = performance.now() + workMs;
  let finished = 0;
  let looks = 0;
  const goesOn = () => performance.now() < until || Math.min(finished, looks) < least;
  const work = async (engine: EngineProcess) => {
    while (goesOn()) {
      for (const dagId of ["one", "two"]) await insertRun(db.database, { dagId, state: "queued" });
      await engine.startRuns();
      for (let round = 0; round < 4; round++) {
        let running = await engine.claim(4);
        for (
          ;
          running.length > 0;
          running = startedBy(await engine.finish(running, undefined, 4))
        ) {
          finished += running.length;
        }
      }
    }
  };
  const broken: unknown[] = [];
  const look = async () => {
    for (; goesOn(); looks++) broken.push(...(await sql(db.database, overPools)));
  };
  await Promise.all([look(), ...engines.map(work)]);
  expect(broken).toEqual([]);
  expect(Math.min(finished, looks)).toBeGreaterThanOrEqual(least);
  expect(await brokenInvariants(db.database, "under way")).toEqual({});
  const [deadlocks] = await sql(
    db.database,
    "select deadlocks::integer as n from pg_stat_database where datname = current_database()",
  );
  expect(deadlocks).toEqual({ n: 0 });
  for (const engine of engines) await engine[Symbol.asyncDispose]();
});
