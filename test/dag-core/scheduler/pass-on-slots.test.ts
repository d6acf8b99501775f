import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { dag } from "@tidemill/dag-core";
import { claimReady } from "../../../packages/dag-core/src/executor/claim.ts";
import { advanceRuns } from "../../../packages/dag-core/src/scheduler/advance-runs.ts";
import { LeftRuns } from "../../../packages/dag-core/src/scheduler/left-runs.ts";
import { givesBack } from "../../../packages/dag-core/src/scheduler/pass-on-slots.ts";
import { testDatabase, type TestDatabase } from "../../helpers/database.ts";
import { EngineProcess, type Running, startedBy, success } from "../../helpers/engine-process.ts";
import { insertRun, register, sql } from "../../helpers/factory.ts";
import { brokenInvariants } from "../../helpers/invariants.ts";

/** Slots of a pool that go from what ends to what comes next. */
let db: TestDatabase;
let one: EngineProcess;
let other: EngineProcess;

beforeEach(async () => {
  db = await testDatabase();
  one = await EngineProcess.start(db.url);
  other = await EngineProcess.start(db.url);
  await sql(db.database, "insert into pool (pool, slots) values ('p', 2)");
});
afterEach(async () => {
  await one[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
  await db.drop();
});

const wide = (dagId: string, priorityWeight = 1) =>
  dag(dagId, { schedule: null, startDate: "2026-01-01" }, ({ each }) => {
    const over = [0, 1, 2, 3, 4, 5];
    each("m", { over, pool: "p", priorityWeight, run: () => undefined });
  });

async function start(dagId: string, day = "2026-02-01"): Promise<void> {
  const interval = [`${day}T00:00:00Z`, `${day}T01:00:00Z`] as const;
  await insertRun(db.database, { dagId, state: "queued", interval });
  await one.startRuns();
}

const held = async () => {
  const [row] = await sql<{ n: number }>(
    db.database,
    `select count(*)::integer as n from limit_holder h join task_instance i using (task_instance_id)
     where i.state = 'running'`,
  );
  expect(await brokenInvariants(db.database, "under way")).toEqual({});
  return row?.n;
};
const indexes = (running: readonly Running[]) => running.map(({ mapIndex }) => mapIndex);

test("what comes next in the run takes over the slots, in the hop that ends the tasks", async () => {
  await register(db.database, wide("d"));
  await start("d");
  const running = await one.claim(9);
  expect(indexes(running)).toEqual([0, 1]);
  const first = await one.finish(running, success, 9);
  expect(indexes(startedBy(first))).toEqual([2, 3]);
  expect(givesBack(first.hop)).toBe(false);
  // The second one is a statement without a transaction: the run is known by now.
  const second = await one.finish(startedBy(first), success, 9);
  expect(indexes(startedBy(second))).toEqual([4, 5]);
  expect(await held()).toBe(2);
  const last = await one.finish(startedBy(second), success, 9);
  expect([startedBy(last), givesBack(last.hop)]).toEqual([[], true]);
  expect(await held()).toBe(0);
});

test("no more than the process has slots for", async () => {
  await register(db.database, wide("d"));
  await start("d");
  const { hop } = await one.finish(await one.claim(9), success, 1);
  expect([hop.started.length, givesBack(hop)]).toEqual([1, true]);
  expect(await held()).toBe(1);
});

test("what another run comes first for is left to a claim", async () => {
  await register(db.database, wide("d"), wide("urgent", 5));
  await start("d");
  const running = await one.claim(9);
  await start("urgent");
  const advanced = await one.finish(running, success, 9);
  expect([startedBy(advanced), givesBack(advanced.hop)]).toEqual([[], true]);
  const next = await one.claim(9);
  expect(new Set(next.map(({ dagRunId }) => dagRunId)).has(running[0]?.dagRunId ?? "")).toBe(false);
  expect(await held()).toBe(2);
});

test("a run that began later does not take part while an earlier one waits, and passes on its own", async () => {
  await register(db.database, wide("early"), wide("late"));
  await start("late", "2026-03-01");
  const running = await one.claim(9);
  await start("early", "2026-02-01");
  expect(startedBy(await one.finish(running.slice(0, 1), success, 9))).toEqual([]);
  const early = await one.claim(9);
  expect(indexes(early)).toEqual([0]);
  expect(indexes(startedBy(await one.finish(early, success, 9)))).toEqual([1]);
});

test("what a run held that is out of time is given back to whoever waits for it", async () => {
  await register(db.database, wide("d"));
  await start("d");
  const [first] = await one.claim(9);
  await sql(db.database, "update dag_run set times_out_at = now()");
  const { hop } = await one.advance([first?.dagRunId ?? ""], 9);
  expect([hop.cut.length, hop.started.length, givesBack(hop)]).toEqual([2, 0, true]);
  expect(await held()).toBe(0);
});

test("a pool that became smaller keeps the slots that it has no more", async () => {
  await register(db.database, wide("d"));
  await start("d");
  const running = await one.claim(9);
  await sql(db.database, "update pool set slots = 1 where pool = 'p'");
  expect(startedBy(await one.finish(running.slice(0, 1), success, 9))).toEqual([]);
  expect(startedBy(await one.finish(running.slice(1), success, 9))).toHaveLength(1);
  expect(await held()).toBe(1);
});

test("a process leaves a run to the one that runs more of it, for a while and once", async () => {
  await sql(db.database, "update pool set slots = 3 where pool = 'p'");
  await register(db.database, wide("d"));
  await start("d");
  const much = await one.claim(2);
  const little = await other.claim(2);
  expect([much.length, little.length]).toEqual([2, 1]);
  let now = 10_000;
  const left = new LeftRuns(() => now);
  const finish = ({ database, cache, processId }: EngineProcess, running: readonly Running[]) => {
    const finished = running.map((run) => ({ ...run, outcome: success, endedAt: new Date() }));
    const options = { cache, processId, left, slots: () => 9, maxInfraRetries: 3, finished };
    return advanceRuns(database, options);
  };
  const { hop } = await finish(other, little);
  expect([hop.started, givesBack(hop), left.ids]).toEqual([[], true, [little[0]?.dagRunId]]);
  const { cache, processId } = other;
  const onClaimed = () => Promise.resolve();
  const claim = () => claimReady(other.database, { cache, processId, slots: 9, left, onClaimed });
  expect((await claim()).count).toBe(0);
  now += 200;
  expect([(await claim()).count, left.ids]).toEqual([1, []]);
  const [again] = await sql<{ id: string; lease: string }>(
    db.database,
    "select task_instance_id as id, lease_token as lease from task_instance where process_id = $1 and lease_token is not null",
    processId,
  );
  const dagRunId = little[0]?.dagRunId ?? "";
  const next = { dagRunId, taskInstanceId: again?.id ?? "", lease: again?.lease ?? "" };
  expect(startedBy(await finish(other, [{ ...next, taskId: "m", mapIndex: 3 }]))).toHaveLength(1);
  expect(startedBy(await finish(one, much))).toHaveLength(1);
  expect(await held()).toBe(2);
});
