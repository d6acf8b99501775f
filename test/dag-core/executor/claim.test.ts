import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { dag } from "@tidemill/dag-core";
import { createClient } from "../../../packages/dag-core/src/client/index.ts";
import { claimReady } from "../../../packages/dag-core/src/executor/claim.ts";
import { judgeMissing } from "../../../packages/dag-core/src/executor/missing-code.ts";
import { advanceRuns } from "../../../packages/dag-core/src/scheduler/advance-runs.ts";
import { LeftRuns } from "../../../packages/dag-core/src/scheduler/left-runs.ts";
import { testDatabase, type TestDatabase } from "../../helpers/database.ts";
import { EngineProcess, type Running } from "../../helpers/engine-process.ts";
import { insertRun, plainDag, register, sql } from "../../helpers/factory.ts";
import { heldTransaction } from "../../helpers/held-transaction.ts";
import { brokenInvariants } from "../../helpers/invariants.ts";

let db: TestDatabase;
let one: EngineProcess;
let two: EngineProcess;

beforeEach(async () => {
  db = await testDatabase();
  one = await EngineProcess.start(db.url);
  two = await EngineProcess.start(db.url);
});
afterEach(async () => {
  await one[Symbol.asyncDispose]();
  await two[Symbol.asyncDispose]();
  await db.drop();
});

const options = { schedule: null, startDate: "2026-01-01" } as const;
const run = () => undefined;
const names = (running: readonly Running[]) => running.map((one) => one.taskId).sort();
const pool = (name: string, slots: number) =>
  sql(db.database, "insert into pool (pool, slots) values ($1::text, $2::integer)", name, slots);
const queue = async (dagId: string, runs = 1) => {
  for (let n = 0; n < runs; n++) await insertRun(db.database, { dagId, state: "queued" });
  await one.startRuns();
};
const wide = (dagId: string, width: number, given: object = {}, limits: object = {}) =>
  dag(dagId, { ...options, ...limits }, ({ task }) => {
    for (let n = 0; n < width; n++) task(`t${n}`, { ...given, run });
  });

describe("a claim", () => {
  test("takes the best first, and no more than there are slots", async () => {
    await register(
      db.database,
      dag("d", options, ({ task }) => {
        task("low", { run });
        task("high", { priorityWeight: 9, run });
        task("middle", { priorityWeight: 4, run });
      }),
    );
    await queue("d");
    expect(names(await one.claim(2))).toEqual(["high", "middle"]);
    expect(names(await two.claim(2))).toEqual(["low"]);
  });

  test("by two processes at once takes each task once", async () => {
    await register(db.database, wide("d", 30));
    await queue("d", 4);
    const claims = await Promise.all([one, two, one, two].map((process) => process.claim(40)));
    const rest = [...(await one.claim(200)), ...(await two.claim(200))];
    const ids = [...claims.flat(), ...rest].map((running) => running.taskInstanceId);
    expect([ids.length, new Set(ids).size]).toEqual([120, 120]);
    expect(await brokenInvariants(db.database, "under way")).toEqual({});
  });

  test("passes over a run that somebody works on", async () => {
    await register(db.database, wide("d", 1), wide("e", 1));
    await queue("d");
    await queue("e");
    await using held = await heldTransaction(db.database);
    await held.query("select from dag_run where dag_id = 'd' for no key update");
    const claimed = await one.claim(10);
    expect(claimed).toHaveLength(1);
    await held.commit();
    expect(await one.claim(10)).toHaveLength(1);
  });

  test("by a process that was declared lost takes nothing, and leaves what is ready as it is", async () => {
    await register(db.database, wide("d", 2));
    await queue("d");
    await sql(
      db.database,
      "update process set state = 'lost', ended_at = now() where process_id = $1::bigint",
      one.processId,
    );
    expect(await one.claim(10)).toEqual([]);
    expect(await two.claim(10)).toHaveLength(2);
  });

  test("of a paused DAG takes nothing", async () => {
    await register(db.database, wide("d", 2));
    await queue("d");
    await sql(db.database, "update dag set is_paused = true");
    expect(await one.claim(10)).toEqual([]);
  });
});

test("a DAG that a process has not loaded is left to the others at once, until its next load", async () => {
  await register(db.database, wide("d", 1), wide("e", 1));
  await queue("d");
  await queue("e");
  const left = new LeftRuns();
  left.unloaded.loaded({ dags: [wide("e", 1)] });
  const { cache, processId } = one;
  const onClaimed = () => Promise.resolve();
  const claim = () => claimReady(db.database, { cache, processId, slots: 9, left, onClaimed });
  const [first] = await one.claim(1);
  const outcome = { kind: "wrong_version", missing: "dag" } as const;
  const reports = first ? [{ ...first, outcome, endedAt: new Date() }] : [];
  const finished = await judgeMissing(db.database, left.unloaded, reports);
  left.unloaded.missed("e", "t0");
  const options = { cache, processId, left, slots: () => 9, maxInfraRetries: 3, finished };
  const { hop } = await advanceRuns(db.database, options);
  expect([hop.started, hop.offers]).toEqual([[], 1]);
  expect((await claim()).count).toBe(1);
  expect(await claim()).toMatchObject({ count: 0, isAllTaken: true });
  expect(await two.claim(9)).toMatchObject([{ dagRunId: first?.dagRunId }]);
  await queue("d");
  left.unloaded.loaded({ dags: [] });
  expect((await claim()).count).toBe(1);
  expect(await brokenInvariants(db.database, "under way")).toEqual({});
});

test("a task that this process lacks and the newest code has is left to the others; one that is gone is removed", async () => {
  const [older, newer] = [wide("d", 1), wide("d", 2)];
  const left = new LeftRuns();
  left.unloaded.loaded({ dags: [older] });
  await register(db.database, newer);
  await queue("d");
  const running = await one.claim(9);
  const added = running.filter(({ taskId }) => taskId === "t1");
  const outcome = { kind: "wrong_version", missing: "task" } as const;
  const reports = added.map((attempt) => ({ ...attempt, outcome, endedAt: new Date() }));
  const judge = () => judgeMissing(db.database, left.unloaded, reports);
  expect(await judge()).toMatchObject([{ outcome: { kind: "wrong_version", missing: "dag" } }]);
  expect(left.unloaded.ids).toEqual(["d"]);
  left.unloaded.loaded({ dags: [older] });
  await register(db.database, older);
  expect(await judge()).toEqual(reports);
  expect(left.unloaded.ids).toEqual([]);
});

describe("limits across runs", () => {
  test("a pool counts slots, and a task that wants several takes several", async () => {
    await pool("p", 5);
    await register(db.database, wide("d", 6, { pool: "p", poolSlots: 2 }));
    await queue("d", 2);
    const first = await one.claim(20);
    expect(first).toHaveLength(2);
    expect(await two.claim(20)).toEqual([]);
    await one.finish(first.slice(0, 1));
    expect(await two.claim(20)).toHaveLength(1);
    expect(await brokenInvariants(db.database, "under way")).toEqual({});
  });

  test("small tasks do not overtake one that waits for several slots of their pool", async () => {
    await pool("p", 2);
    await register(
      db.database,
      dag("wide", options, ({ task }) => void task("double", { pool: "p", poolSlots: 2, run })),
      wide("small", 2, { pool: "p" }),
      dag("free", options, ({ task }) => void task("unpooled", { run })),
    );
    await queue("small");
    const first = await one.claim(20);
    await queue("wide");
    await queue("small", 2);
    await queue("free");
    await one.finish(first.slice(0, 1));
    expect(names(await two.claim(20))).toEqual(["unpooled"]);
    await one.finish(first.slice(1));
    expect(names(await two.claim(1))).toEqual(["double"]);
    expect(await brokenInvariants(db.database, "under way")).toEqual({});
  });

  test("a full pool does not hold up what needs none", async () => {
    await pool("p", 1);
    await register(
      db.database,
      wide("full", 40, { pool: "p", priorityWeight: 9 }),
      wide("free", 5),
    );
    await queue("full", 3);
    await queue("free");
    const claimed = await one.claim(10);
    expect(claimed).toHaveLength(6);
  });

  test("many full limits do not hold up what needs none", async () => {
    const keyed = [...Array(30).keys()].map((n) =>
      wide(`k${n}`, 20, { concurrencyKey: { key: `key${n}`, limit: 1 }, priorityWeight: 9 }),
    );
    await register(db.database, ...keyed, wide("free", 3));
    for (const { dagId } of keyed) await queue(dagId);
    await queue("free");
    expect(await one.claim(16)).toHaveLength(16);
    const second = await two.claim(200);
    expect(second).toHaveLength(17);
    expect(await brokenInvariants(db.database, "under way")).toEqual({});
  });

  test("a pool without slots lets nothing start, an unlimited one everything", async () => {
    await pool("none", 0);
    await pool("all", -1);
    await register(db.database, wide("n", 2, { pool: "none" }), wide("a", 9, { pool: "all" }));
    await queue("n");
    await queue("a");
    expect(await one.claim(20)).toHaveLength(9);
  });

  test.each([
    ["maxActiveTasksPerDag", {}, { maxActiveTasksPerDag: 3 }],
    ["maxActivePerDag of a task", { maxActivePerDag: 3 }, {}],
    ["concurrencyKey", { concurrencyKey: { key: "k", limit: 3 } }, {}],
  ])("%s holds over all runs and processes", async (_name, given, limits) => {
    await register(db.database, wide("d", 1, given, limits));
    await queue("d", 8);
    const claims = await Promise.all([one.claim(5), two.claim(5), one.claim(5), two.claim(5)]);
    const more = [...(await one.claim(9)), ...(await two.claim(9))];
    expect(claims.flat().length + more.length).toBe(3);
    expect(await brokenInvariants(db.database, "under way")).toEqual({});
    await one.finish([...claims.flat(), ...more].slice(0, 2));
    expect(await two.claim(9)).toHaveLength(2);
  });

  test("maxActiveTasks holds within a run, and the next is handed out as one ends", async () => {
    await register(db.database, wide("d", 5, {}, { maxActiveTasks: 2 }));
    await queue("d");
    const first = await one.claim(10);
    expect(first).toHaveLength(2);
    await one.finish(first.slice(0, 1));
    expect(await two.claim(10)).toHaveLength(1);
    expect(await brokenInvariants(db.database, "under way")).toEqual({});
  });

  test("a capacity that changes with the DAG holds from then on", async () => {
    await register(db.database, wide("d", 4, {}, { maxActiveTasksPerDag: 1 }));
    await queue("d");
    expect(await one.claim(10)).toHaveLength(1);
    await register(db.database, wide("d", 4, {}, { maxActiveTasksPerDag: 3 }));
    expect(await one.claim(10)).toHaveLength(2);
  });

  test("what a lost attempt held is free again", async () => {
    await pool("p", 1);
    await register(db.database, plainDag("other"), wide("d", 2, { pool: "p" }));
    await queue("d");
    const lost = { kind: "lost", reason: "stopped", wasAlone: false, message: "" } as const;
    await one.finish(await one.claim(5), lost);
    expect(await sql(db.database, "select * from limit_holder")).toEqual([]);
    expect(await two.claim(5)).toHaveLength(1);
  });
});

describe("while runs of a backfill and others wait", () => {
  const backfilled = async (given: object = {}) => {
    const past = dag("past", { ...options, schedule: "@daily" }, ({ task }) => {
      for (let n = 0; n < 3; n++) task(`b${n}`, { ...given, run });
    });
    await register(db.database, past, wide("live", 6, given));
    const client = createClient({ database: db.database, actor: "test" });
    const range = { from: "2026-01-01", to: "2026-01-03" };
    await client.backfill.create({ dagId: "past", ...range });
    await queue("live");
  };
  const share = { backfillSlots: 1, sharePercent: 25 };

  test("a claim takes the share for the backfill, and the rest only when nothing else is left", async () => {
    await backfilled();
    expect(names(await one.claim(4, share))).toEqual(["b0", "t0", "t1", "t2"]);
    const rest = await one.claim(8, { ...share, backfillSlots: 0 });
    expect(names(rest).filter((name) => name.startsWith("t"))).toEqual(["t3", "t4", "t5"]);
    expect(rest).toHaveLength(8);
  });

  test("the share of a pool is counted over all processes", async () => {
    await pool("p", 4);
    await backfilled({ pool: "p" });
    const first = await one.claim(10, share);
    expect(names(first)).toEqual(["b0", "t0", "t1", "t2"]);
    await one.finish(first.filter((task) => task.taskId === "t0"));
    expect(names(await two.claim(10, share))).toEqual(["t3"]);
    await one.finish(first.filter((task) => task.taskId === "b0"));
    expect(names(await two.claim(10, share))).toEqual(["b1"]);
    expect(await brokenInvariants(db.database, "under way")).toEqual({});
  });

  test("a backfill alone takes the whole pool, and gives it back slot by slot", async () => {
    await pool("p", 2);
    await backfilled({ pool: "p" });
    await sql(db.database, "update dag set is_paused = true where dag_id = 'live'");
    const first = await one.claim(10, share);
    expect(names(first)).toEqual(["b0", "b1"]);
    await sql(db.database, "update dag set is_paused = false");
    await one.finish(first.slice(0, 1));
    expect(names(await two.claim(10, share))).toEqual(["t0"]);
  });
});
