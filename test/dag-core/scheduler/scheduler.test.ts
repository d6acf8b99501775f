import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
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
      transaction: (fn) => database.transaction(fn),
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
