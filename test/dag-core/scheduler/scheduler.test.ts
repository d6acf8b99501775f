import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { Scheduler } from "../../../packages/dag-core/src/scheduler/scheduler.ts";
import type { Query } from "../../../packages/dag-core/src/store/sql.ts";
import { testDatabase, type TestDatabase } from "../../helpers/database.ts";
import { EngineProcess } from "../../helpers/engine-process.ts";
import { insertRun, plainDag, register, sql } from "../../helpers/factory.ts";

let db: TestDatabase;
let one: EngineProcess;
let scheduler: Scheduler;
const asked: string[] = [];

/** Only the clock is moved on: the timers of the loop and of the database are real. */
const realTimers = [
  "Date",
  "hrtime",
  "nextTick",
  "queueMicrotask",
  "setImmediate",
  "clearImmediate",
  "setInterval",
  "clearInterval",
  "setTimeout",
  "clearTimeout",
] as const;

beforeEach(async () => {
  db = await testDatabase();
  one = await EngineProcess.start(db.url);
  asked.length = 0;
});
afterEach(async () => {
  jest.useRealTimers();
  await scheduler.stop();
  await one[Symbol.asyncDispose]();
  await db.drop();
});

const ticked = () => one.bus.next("scheduler.tick_finished");

/** A scheduler after its first tick, which notes what it asks the database outside of transactions. */
async function started(): Promise<void> {
  const { database, cache, bus, processId } = one;
  const noting =
    <A extends readonly unknown[], R>(ask: (query: Query, ...rest: A) => R) =>
    (query: Query, ...rest: A): R => {
      asked.push(query.name);
      return ask(query, ...rest);
    };
  scheduler = new Scheduler({
    database: {
      many: noting(database.many) as typeof database.many,
      one: noting(database.one) as typeof database.one,
      exec: noting(database.exec),
      transaction: (fn, options) => database.transaction(fn, options),
    },
    cache,
    bus,
    tickMs: 60_000,
    leaseMs: 60_000,
    createsRuns: true,
    maxInfraRetries: 3,
    lend: (fn) => fn({ slots: 0, backfillSlots: 0, processId }),
    onAdvanced: () => Promise.resolve(),
  });
  const first = ticked();
  scheduler.start();
  await first;
  asked.length = 0;
}

const runStates = () => sql(db.database, "select state from dag_run order by state desc");

test("woken to start runs it asks for those alone, in the transaction that starts them", async () => {
  await register(db.database, plainDag("d"));
  await started();
  await insertRun(db.database, { dagId: "d", runId: "r", state: "queued" });
  const tick = ticked();
  scheduler.wakeToStartRuns();
  await tick;
  expect(await runStates()).toEqual([{ state: "running" }]);
  expect(asked).toEqual([]);
});

test("an end of a run is followed by a whole look, those right after it by one together", async () => {
  jest.useFakeTimers({ doNotFake: [...realTimers] });
  await started();
  jest.advanceTimersByTime(1_000);
  const first = ticked();
  scheduler.runEnded();
  await first;
  expect(asked).toEqual(["TickDue"]);
  for (let ends = 0; ends < 3; ends++) scheduler.runEnded();
  await ticked();
  expect(asked).toEqual(["TickDue", "TickDue"]);
});

test("where runs wait for the end of another, the next one starts at once", async () => {
  // The look at the rest, due in a moment, stays away.
  jest.useFakeTimers({ doNotFake: realTimers.filter((name) => name !== "setTimeout") });
  await register(db.database, plainDag("d", { a: [] }, { maxActiveRuns: 1 }));
  for (const runId of ["r1", "r2"])
    await insertRun(db.database, { dagId: "d", runId, state: "queued" });
  await started();
  expect(await runStates()).toEqual([{ state: "running" }, { state: "queued" }]);
  await sql(
    db.database,
    "update dag_run set state = 'success', ended_at = now() where state = 'running'",
  );
  const tick = ticked();
  scheduler.runEnded();
  await tick;
  expect(await runStates()).toEqual([{ state: "success" }, { state: "running" }]);
  expect(asked).toEqual([]);
});

test("however often it is woken for that, it looks at the rest when its time has come", async () => {
  jest.useFakeTimers({ doNotFake: [...realTimers] });
  await started();
  jest.advanceTimersByTime(61_000);
  const tick = ticked();
  scheduler.wakeToStartRuns();
  await tick;
  expect(asked).toContain("TickDue");
});

describe("a schedule", () => {
  /** Each look at it may create a run of a day that is long past. */
  const daily = (options: Parameters<typeof plainDag>[2] = {}) =>
    plainDag("d", { a: [] }, { schedule: "@daily", catchup: "all", maxActiveRuns: 1, ...options });
  const dueIn = (interval: string) =>
    sql(db.database, "update dag set next_run_after = now() + $1::text::interval", interval);
  const runTypes = () => sql(db.database, "select run_type from dag_run");

  /** Time passes for the loop alone, which ticks each minute: a look before that is one at a moment. */
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: realTimers.filter((name) => !name.endsWith("Timeout")) });
  });

  async function lookWithin(ms: number): Promise<void> {
    const tick = ticked();
    jest.advanceTimersByTime(ms);
    await tick;
  }

  test("runs at its moment, without waiting for the next tick", async () => {
    await register(db.database, daily());
    await dueIn("20 seconds");
    await started();
    jest.advanceTimersByTime(10_000);
    expect(asked).toEqual([]);
    await dueIn("0 seconds");
    await lookWithin(10_000);
    expect(await runTypes()).toEqual([{ run_type: "scheduled" }]);
  });

  test("is looked at for its next run as that comes due, again where the clock was ahead of the database's", async () => {
    const startDate = new Date().toISOString();
    await register(db.database, daily({ schedule: { every: "20s" }, startDate }));
    await started();
    for (let looks = 1; looks <= 3; looks++) {
      jest.advanceTimersByTime(10_000);
      expect(asked).toHaveLength(looks - 1);
      await lookWithin(10_000);
      expect(asked).toEqual(Array.from({ length: looks }, () => "TickDue"));
    }
    expect(await runTypes()).toEqual([]);
  });

  test("comes due while the scheduler is woken only to start runs, and is looked at then", async () => {
    jest.useFakeTimers({ doNotFake: [...realTimers] });
    await register(db.database, daily());
    await dueIn("20 seconds");
    await started();
    for (const [passedMs, looks] of [[10_000, []] as const, [10_000, ["TickDue"]] as const]) {
      jest.advanceTimersByTime(passedMs);
      const tick = ticked();
      scheduler.wakeToStartRuns();
      await tick;
      expect(asked).toEqual(looks);
    }
  });

  test.each([
    ["comes due but is paused", "20 seconds", "update dag set is_paused = true"],
    ["comes due but is gone", "20 seconds", "update dag set is_present = false"],
    ["is due but held by another scheduler", "0 seconds", "select from dag for update"],
  ])("that %s is not looked at before the next tick", async (_, moment, obstacle) => {
    await register(db.database, daily());
    await dueIn(moment);
    const other = await db.database.connect();
    try {
      await other.query("begin");
      await other.query(obstacle);
      if (obstacle.startsWith("update")) await other.query("commit");
      await started();
      jest.advanceTimersByTime(59_000);
      expect(asked).toEqual([]);
      await other.query("rollback");
    } finally {
      await other.end();
    }
    expect(await runTypes()).toEqual([]);
  });

  test("that is due at its limit of active runs is looked at again after half a minute", async () => {
    await register(db.database, daily());
    await started();
    expect(await runTypes()).toHaveLength(1);
    jest.advanceTimersByTime(20_000);
    expect(asked).toEqual([]);
    await lookWithin(10_100);
    expect(asked).toEqual(["TickDue"]);
  });
});
