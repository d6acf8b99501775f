import { expect, test } from "@jest/globals";
import type { Client } from "@tidemill/dag-core/client";
import type { Outcome } from "../../../packages/dag-core/src/definition/outcome.ts";
import type { TestDatabase } from "../../helpers/database.ts";
import { eachTest } from "../../helpers/each-test.ts";
import { singleEngine } from "../../helpers/engine-pair.ts";
import type { EngineProcess } from "../../helpers/engine-process.ts";
import { insertRun, instanceStates, plainDag, register, sql } from "../../helpers/factory.ts";
import { brokenInvariants } from "../../helpers/invariants.ts";

let db: TestDatabase;
let one: EngineProcess;
let client: Client;

eachTest(singleEngine, (made) => void ({ db, one, client } = made));

const failure: Outcome = {
  kind: "failed",
  reason: "error",
  error: { class: "Error", message: "no" },
  retry: "never",
};
const success: Outcome = { kind: "success" };
const tick = () => one.tick({ createsRuns: false });
/** Lets a new run end so. */
const runEnds = async (outcome: Outcome, runId: string) => {
  await insertRun(db.database, { dagId: "d", runId, state: "queued" });
  await tick();
  await one.finish(await one.claim(1), outcome);
};
const isPaused = async () => {
  const [row] = await sql<{ is_paused: boolean }>(db.database, "select is_paused from dag");
  return row?.is_paused;
};
const limited = plainDag("d", { a: [] }, { maxConsecutiveFailedRuns: 2, maxActiveRuns: 1 });

test("a DAG is paused when its last runs have all failed, as many as it bears, and an event says which", async () => {
  await register(db.database, limited);
  await runEnds(failure, "r1");
  await runEnds(success, "r2");
  await runEnds(failure, "r3");
  await tick();
  expect(await isPaused()).toBe(false);
  await runEnds(failure, "r4");
  await tick();
  expect(await isPaused()).toBe(true);
  expect(await sql(db.database, "select name, actor, dag_id, details from event")).toEqual([
    {
      name: "dag.paused",
      actor: "tidemill",
      dag_id: "d",
      details: { why: "its last 2 runs failed", runIds: ["r4", "r3"] },
    },
  ]);
});

test("a run that fails before its last task could run counts as any other", async () => {
  await register(
    db.database,
    plainDag("d", { a: [], b: ["a"] }, { maxConsecutiveFailedRuns: 2, maxActiveRuns: 1 }),
  );
  // The second ends in a hop of one statement: the first has read the clock of the database.
  await runEnds(failure, "r1");
  await runEnds(failure, "r2");
  expect(await sql(db.database, "select distinct state from dag_run")).toEqual([
    { state: "failed" },
  ]);
  await tick();
  expect(await isPaused()).toBe(true);
});

test("no run starts between the failure and the pause", async () => {
  await register(db.database, limited);
  await runEnds(failure, "r1");
  await runEnds(failure, "r2");
  await insertRun(db.database, { dagId: "d", runId: "r3", state: "queued" });
  expect(await one.startRuns()).toBe(0);
  await tick();
  expect(await isPaused()).toBe(true);
  expect(await one.startRuns()).toBe(0);
});

test("runs count by the time from which they might start, and those that were cancelled not at all", async () => {
  await register(db.database, limited);
  await runEnds(failure, "r1");
  await insertRun(db.database, { dagId: "d", runId: "r2", state: "cancelled" });
  await insertRun(db.database, {
    dagId: "d",
    runId: "old",
    state: "success",
    interval: ["2026-01-01", "2026-01-02"],
  });
  await runEnds(failure, "r3");
  await tick();
  expect(await isPaused()).toBe(true);
});

test("a DAG that bears any number writes no request", async () => {
  await register(db.database, plainDag("d"));
  await runEnds(failure, "r1");
  expect(await sql(db.database, "select from request")).toEqual([]);
});

test("a run that is out of time: its attempt is aborted, written to the run log, and told of once", async () => {
  await register(db.database, plainDag("d", { a: [], b: ["a"] }, { timeout: "1h" }));
  const id = await insertRun(db.database, { dagId: "d", runId: "r1", state: "queued" });
  await tick();
  const [running] = await one.claim(1);
  if (!running) throw new Error("nothing claimed");
  await sql(db.database, "update dag_run set times_out_at = now()");
  const advanced: string[] = [];
  await one.tick({
    createsRuns: false,
    onAdvanced: ({ hop }) => {
      advanced.push(...hop.revoked.map(({ lease }) => lease));
      return Promise.resolve();
    },
  });
  expect(advanced).toEqual([running.lease]);
  expect(await sql(db.database, "select state, reason from dag_run")).toEqual([
    { state: "failed", reason: "run_timeout" },
  ]);
  expect(await instanceStates(db.database, id)).toEqual({ a: "failed", b: "skipped" });
  expect(
    await sql(
      db.database,
      "select task_id, state, reason, error ->> 'class' as error from task_try",
    ),
  ).toEqual([{ task_id: "a", state: "failed", reason: "run_timeout", error: "RunTimeout" }]);
  expect(await sql(db.database, "select kind, payload ->> 'reason' as reason from alert")).toEqual([
    { kind: "dag_run.failed", reason: "run_timeout" },
  ]);
  // The result that comes all the same is dropped.
  const { hop } = await one.finish([running]);
  expect(hop.fenced).toHaveLength(1);
  expect(await brokenInvariants(db.database)).toEqual({});
});

test("of a paused DAG nothing is created, started or claimed; what runs goes on, and the rest after the pause", async () => {
  await register(db.database, plainDag("d", { a: [], b: ["a"], c: [] }, { schedule: "@daily" }));
  await insertRun(db.database, { dagId: "d", runId: "r1", state: "queued" });
  await tick();
  const [a] = (await one.claim(1)).filter((attempt) => attempt.taskId === "a");
  if (!a) throw new Error("a was not claimed");
  await client.pauseDag("d");
  await insertRun(db.database, { dagId: "d", runId: "r2", state: "queued" });
  expect(await one.tick()).toMatchObject({ runsCreated: 0 });
  expect(await one.claim(10)).toEqual([]);
  await one.finish([a], success, 5);
  expect(await instanceStates(db.database, a.dagRunId)).toEqual({
    a: "success",
    b: "scheduled",
    c: "scheduled",
  });
  expect(await one.claim(10)).toEqual([]);
  expect(await sql(db.database, "select state from dag_run order by run_id")).toEqual([
    { state: "running" },
    { state: "queued" },
  ]);
  await client.unpauseDag("d");
  await tick();
  expect((await one.claim(10)).map((attempt) => attempt.taskId)).toContain("b");
});
