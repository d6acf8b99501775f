import { expect, test } from "@jest/globals";
import type { Client } from "../../../packages/dag-core/src/client/index.ts";
import { dagRunPlaces, dagRunQueuedLock } from "../../../packages/dag-core/src/store/dag-run.ts";
import type { TestDatabase } from "../../helpers/database.ts";
import { eachTest } from "../../helpers/each-test.ts";
import { singleEngine } from "../../helpers/engine-pair.ts";
import { type EngineProcess, failed } from "../../helpers/engine-process.ts";
import { insertRun, plainDag, register, sql } from "../../helpers/factory.ts";

let db: TestDatabase;
let one: EngineProcess;
let client: Client;

eachTest(singleEngine, (made) => void ({ db, one, client } = made));

const group = { dag_id: "d", backfill_id: null, has_workers: false };
const wanted = { ...group, capacity: 0, maxRuns: 0, tasks: 0 };
const queue = async (runs: number) => {
  for (let n = 0; n < runs; n++) await insertRun(db.database, { dagId: "d", state: "queued" });
};

test("from a key on, queued runs are read as from the head, without those that come before", async () => {
  await register(db.database, plainDag("d"));
  await queue(6);
  await sql(
    db.database,
    "update dag_run set run_after = date_trunc('hour', now()) - (dag_run_id % 3) * interval '1 hour'",
  );
  const [all = []] = await dagRunQueuedLock(db.database, [group], 10, [undefined]);
  expect(all).toHaveLength(6);
  for (const [at, key] of all.entries()) {
    expect(await dagRunQueuedLock(db.database, [group], 10, [key])).toEqual([all.slice(at)]);
  }
});

test("running runs counted from what was once their lowest slot are all that run, whatever ends, starts and starts again", async () => {
  await register(db.database, plainDag("d", { a: [] }, { maxActiveRuns: 4 }));
  const lows: (string | undefined)[] = [undefined];
  const counts = async () => {
    const found = await dagRunPlaces(
      db.database,
      lows.map(() => wanted),
      lows,
      undefined,
    );
    lows.push(found[0]?.low_slot);
    return new Set(found.map((row) => row.running));
  };
  const cleared = await insertRun(db.database, { dagId: "d", runId: "first", state: "queued" });
  for (const runs of [3, 0, 2, 5, 1]) {
    await queue(runs);
    await one.startRuns();
    expect((await counts()).size).toBe(1);
    await one.finish(
      (await one.claim(2)).toSorted((a, b) => (a.lease < b.lease ? -1 : 1)),
      failed,
    );
    expect((await counts()).size).toBe(1);
    await client.clearTasks({ dagId: "d", runId: "first" });
    await one.startRuns();
    expect((await counts()).size).toBe(1);
  }
  expect(new Set(lows).size).toBeGreaterThan(3);
  const [row] = await sql<{ slot_number: string }>(
    db.database,
    "select slot_number from dag_run where dag_run_id = $1::bigint",
    cleared,
  );
  expect(Number(row?.slot_number)).toBeGreaterThan(1);
});
