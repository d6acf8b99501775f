import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { createClient } from "../../../packages/dag-core/src/client/index.ts";
import { TidemillError } from "../../../packages/dag-core/src/kernel/errors.ts";
import { QueueHeads } from "../../../packages/dag-core/src/scheduler/queue-heads.ts";
import { RunCache } from "../../../packages/dag-core/src/scheduler/run-cache.ts";
import {
  noneStarted,
  queuedGroups,
  startGroups,
} from "../../../packages/dag-core/src/scheduler/start-runs.ts";
import { testDatabase, type TestDatabase } from "../../helpers/database.ts";
import { EngineProcess, failed, success } from "../../helpers/engine-process.ts";
import { plainDag, register, sql } from "../../helpers/factory.ts";
import { brokenInvariants } from "../../helpers/invariants.ts";
import { draw } from "../../helpers/property.ts";

let fixture: TestDatabase;
let scheduler: EngineProcess;
let year = 1950;
const client = () => createClient({ database: fixture.database, actor: "test" });
/** Days that no other test has. */
const daysOfOwn = (days: number) => {
  year += 1;
  return {
    dagId: "daily",
    from: `${year}-01-01`,
    to: `${year}-01-${String(days).padStart(2, "0")}`,
  };
};

beforeAll(async () => {
  fixture = await testDatabase();
  scheduler = await EngineProcess.start(fixture.url);
  await register(fixture.database, plainDag("daily", { a: [] }, { schedule: "@daily" }));
});
afterAll(async () => {
  await scheduler[Symbol.asyncDispose]();
  await fixture.drop();
});

const runningOrdinals = async (backfillId: string) =>
  await sql<{ ordinal: number; logical_date: Date }>(
    fixture.database,
    `select backfill_ordinal as ordinal, logical_date from dag_run
       where backfill_id = $1::bigint and state = 'running' order by 1`,
    backfillId,
  );

/** Starts and finishes until nothing starts any more. */
async function drain(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) {
    await scheduler.startRuns();
    const claimed = await scheduler.claim(16);
    if (claimed.length === 0) return;
    await scheduler.finish(claimed);
  }
  throw new Error("it does not come to an end");
}

describe("from the commit on that asks for it, nothing of a backfill starts", () => {
  test.each([
    ["paused", (id: string) => client().backfill.pause(id)],
    ["cancelled", (id: string) => client().backfill.cancel(id)],
  ])("%s after a scheduler has seen that it has something to start", async (_name, move) => {
    const { database } = fixture;
    const { backfillId } = await client().backfill.create(daysOfOwn(3));
    const group = (await queuedGroups(database)).find((one) => one.backfill_id === backfillId);
    if (!group) throw new Error("it has nothing to start");
    await move(backfillId);
    const { processId } = scheduler;
    const options = {
      cache: new RunCache(undefined, new QueueHeads(() => 0)),
      processId,
      slots: () => 0,
      maxInfraRetries: 3,
    };
    expect(await startGroups(database, [group], options)).toEqual(noneStarted);
    expect(await runningOrdinals(backfillId)).toEqual([]);
    await client()
      .backfill.resume(backfillId)
      .catch(() => {});
    await drain();
    expect(await brokenInvariants(database)).toEqual({});
  });
});

test("runs start in the order of the plan, by date or backwards, whatever ends first", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 4 }),
      fc.boolean(),
      fc.infiniteStream(fc.boolean()),
      async (days, maxActiveRuns, runBackwards, coins) => {
        const request = { ...daysOfOwn(days), maxActiveRuns, runBackwards };
        const { backfillId, plan } = await client().backfill.create(request);
        const dates = plan.entries.map((entry) => entry.interval.start);
        expect(dates).toEqual(dates.toSorted((a, b) => (runBackwards ? +b - +a : +a - +b)));
        const seen: number[] = [];
        let left: Awaited<ReturnType<EngineProcess["claim"]>> = [];
        for (let turn = 0; turn < 100 && seen.length < days; turn++) {
          await scheduler.startRuns();
          const running = await runningOrdinals(backfillId);
          expect(running.length).toBeLessThanOrEqual(maxActiveRuns);
          for (const { ordinal, logical_date } of running) {
            if (!seen.includes(ordinal)) seen.push(ordinal);
            expect(logical_date).toEqual(dates[ordinal - 1]);
          }
          left = [...left, ...(await scheduler.claim(16))];
          const ends = left.filter(() => coins.next().value);
          await scheduler.finish(ends);
          left = left.filter((one) => !ends.includes(one));
        }
        expect(seen).toEqual(Array.from({ length: days }, (_, n) => n + 1));
        await scheduler.finish(left);
        expect(await client().backfill.status(backfillId)).toMatchObject({ state: "success" });
      },
    ),
    { ...draw, numRuns: 12 },
  );
});

const verbs = ["pause", "resume", "cancel", "stop", "clear", "start", "finish", "fail"] as const;

/** A verb as an operator types it: what the state does not allow is refused, and changes nothing. */
async function carryOut(verb: (typeof verbs)[number], backfillId: string): Promise<void> {
  const { backfill, clearTasks } = client();
  if (verb === "start") return void (await scheduler.startRuns());
  if (verb === "finish" || verb === "fail") {
    return void (await scheduler.finish(
      await scheduler.claim(1),
      verb === "fail" ? failed : success,
    ));
  }
  if (verb === "clear") {
    const [run] = await sql<{ run_id: string }>(
      fixture.database,
      `select r.run_id from backfill_run join dag_run r using (dag_run_id)
       where backfill_run.backfill_id = $1::bigint and r.ended_at is not null and r.clear_number < 3
         and exists (select from task_instance i where i.dag_run_id = r.dag_run_id)
       order by ordinal limit 1`,
      backfillId,
    );
    if (run) await clearTasks({ dagId: "daily", runId: run.run_id });
    return;
  }
  const moves = {
    pause: () => backfill.pause(backfillId),
    resume: () => backfill.resume(backfillId),
    cancel: () => backfill.cancel(backfillId),
    stop: () => backfill.cancel(backfillId, { stopsRunning: true }),
  };
  await moves[verb]().catch((error: unknown) => {
    const isRefused = error instanceof TidemillError && error.code === "TIDEMILL_STATE_REFUSED";
    if (!isRefused) throw error;
  });
}

test("whatever is done to a backfill, what of it has not ended is started by some scheduler", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.constantFrom(...verbs), { maxLength: 14 }),
      async (days, done) => {
        const request = { ...daysOfOwn(days), maxActiveRuns: 2 };
        const { backfillId } = await client().backfill.create(request);
        for (const verb of done) {
          await carryOut(verb, backfillId);
          expect(await brokenInvariants(fixture.database, "under way")).toEqual({});
        }
        await carryOut("resume", backfillId);
        await drain();
        expect(await brokenInvariants(fixture.database)).toEqual({});
        const { endedAt } = await client().backfill.status(backfillId);
        expect(endedAt).not.toBeNull();
      },
    ),
    { ...draw, numRuns: 15 },
  );
});
