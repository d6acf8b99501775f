import { expect, test } from "@jest/globals";
import type { Client } from "@tidemill/dag-core/client";
import { dag, type TaskRef } from "@tidemill/dag-core";
import { advanceRuns } from "../../../packages/dag-core/src/scheduler/advance-runs.ts";
import { DatabaseClock } from "../../../packages/dag-core/src/scheduler/database-clock.ts";
import type { Store } from "../../../packages/dag-core/src/store/database.ts";
import type { TestDatabase } from "../../helpers/database.ts";
import { eachTest } from "../../helpers/each-test.ts";
import { singleEngine } from "../../helpers/engine-pair.ts";
import {
  type EngineProcess,
  type Running,
  startedBy,
  success,
} from "../../helpers/engine-process.ts";
import { insertRun, register, sql } from "../../helpers/factory.ts";
import { heldTransaction, untilBlocked } from "../../helpers/held-transaction.ts";
import { brokenInvariants } from "../../helpers/invariants.ts";

/** Hops that are one statement, and what sends them the long way. */
let db: TestDatabase;
let one: EngineProcess;
let client: Client;

eachTest(singleEngine, (made) => void ({ db, one, client } = made));

const chain = dag("d", { schedule: null, startDate: "2026-01-01" }, ({ task }) => {
  const links: TaskRef[] = [];
  for (const id of ["a", "b", "c", "d"]) {
    links.push(task(id, { after: links.slice(-1), run: () => undefined }));
  }
});

/** Starts a run of the chain and ends its first task, after which the process knows the run. @returns the second task */
async function secondTask(): Promise<Running> {
  await register(db.database, chain);
  await insertRun(db.database, { dagId: "d", runId: "r", state: "queued" });
  await one.startRuns();
  const [second] = startedBy(await one.finish(await one.claim(1), success, 1));
  if (!second) throw new Error("the second task did not start");
  return second;
}

/** Finishes a task, and tells whether that took a transaction. */
async function finish({ dagRunId, taskInstanceId, lease }: Running, clock = one.clock) {
  let transactions = 0;
  const store: Store = {
    many: one.database.many,
    one: one.database.one,
    exec: one.database.exec,
    transaction: (fn) => {
      transactions += 1;
      return one.database.transaction(fn);
    },
  };
  const { cache, processId } = one;
  const finished = [{ dagRunId, taskInstanceId, lease, outcome: success, endedAt: new Date() }];
  const options = { cache, clock, processId, slots: () => 1, maxInfraRetries: 3, finished };
  return { advanced: await advanceRuns(store, options), transactions };
}

const states = async () =>
  (
    await sql<{ state: string }>(
      db.database,
      "select state from task_instance order by task_instance_id",
    )
  ).map(({ state }) => state);
const sound = async () => expect(await brokenInvariants(db.database, "under way")).toEqual({});

test("a hop of a run that nobody else changed needs no transaction, up to the run's end", async () => {
  let running = await secondTask();
  for (const left of [1, 1, 0]) {
    const { advanced, transactions } = await finish(running);
    expect(transactions).toBe(0);
    const started = startedBy(advanced);
    expect(started).toHaveLength(left);
    running = started[0] ?? running;
  }
  expect(await states()).toEqual(["success", "success", "success", "success"]);
  const [run] = await sql(
    db.database,
    "select state, ended_at >= started_at as is_later from dag_run",
  );
  expect(run).toEqual({ state: "success", is_later: true });
  expect(await brokenInvariants(db.database)).toEqual({});
});

test("without a reading of the database's clock it goes the long way", async () => {
  const { transactions } = await finish(await secondTask(), new DatabaseClock());
  expect(transactions).toBe(1);
  await sound();
});

test("a run that was cancelled meanwhile takes no result", async () => {
  const second = await secondTask();
  await client.cancelRun("d", "r");
  const { advanced, transactions } = await finish(second);
  expect(transactions).toBe(1);
  expect(advanced.hop.ended).toEqual([]);
  expect(await states()).not.toContain("running");
  await sound();
});

test("a run that is changed while the statement waits for its lock is read anew", async () => {
  const second = await secondTask();
  await using held = await heldTransaction(db.database);
  await held.query("update dag_run set changed = changed + 1");
  const finishing = finish(second);
  await untilBlocked(db.database, 1);
  await held.commit();
  expect((await finishing).transactions).toBe(1);
  expect(await states()).toEqual(["success", "success", "running", "none"]);
  await sound();
});

test("a DAG that was paused meanwhile starts nothing", async () => {
  const second = await secondTask();
  await client.pauseDag("d");
  const { advanced, transactions } = await finish(second);
  expect(transactions).toBe(1);
  expect(startedBy(advanced)).toEqual([]);
  expect(await states()).toEqual(["success", "success", "scheduled", "none"]);
  await sound();
});

test("a process that was declared lost starts nothing", async () => {
  const second = await secondTask();
  await sql(db.database, "update process set state = 'lost', ended_at = now()");
  const { advanced } = await finish(second);
  expect(startedBy(advanced)).toEqual([]);
  expect(await states()).toEqual(["success", "success", "scheduled", "none"]);
});

test("a task instance that was changed behind the back of its run leaves nothing of the hop", async () => {
  const second = await secondTask();
  await sql(
    db.database,
    "update task_instance set state = 'failed', lease_token = null, ended_at = now() where task_id = 'b'",
  );
  const { advanced, transactions } = await finish(second);
  expect(transactions).toBe(1);
  expect(advanced.hop.fenced).toHaveLength(1);
  expect((await states())[1]).toBe("failed");
});
