import { describe, expect, test } from "@jest/globals";
import { type TakenOver, TakeOver } from "../../packages/dag-core/src/executor/take-over.ts";
import { EventBus } from "../../packages/dag-core/src/kernel/events.ts";
import { testDatabase } from "../helpers/database.ts";
import { EngineProcess, startedBy } from "../helpers/engine-process.ts";
import { hopStartables } from "../../packages/dag-core/src/executor/hand-over.ts";
import { insertRun, plainDag, register } from "../helpers/factory.ts";

// The hand-over read inputs after the commit that had started the attempts. An error there made the whole batch be
// finished again, lost what had been started, and where a tick had started it ended the process.
async function started() {
  const db = await testDatabase();
  const engine = await EngineProcess.start(db.url);
  await register(db.database, plainDag("d", { a: [] }));
  const id = await insertRun(db.database, { dagId: "d" });
  const advanced = await engine.advance([id], 1);
  const rows = startedBy(advanced).map((one) => ({
    dag_run_id: one.dagRunId,
    task_instance_id: one.taskInstanceId,
    lease_token: one.lease,
    process_id: engine.processId,
    is_backfill: false,
  }));
  const dispose = async () => {
    await engine[Symbol.asyncDispose]();
    await db.drop();
  };
  return { db, rows, startables: hopStartables(advanced.hop), [Symbol.asyncDispose]: dispose };
}

function takeOver(database: TakeOverDatabase, isOwn: IsOwn = () => true) {
  const submitted: TakenOver[] = [];
  const given: string[] = [];
  const over = new TakeOver({
    database,
    bus: new EventBus(),
    submit: (batch) => void submitted.push(...batch),
    giveUp: (row, error) => void given.push(`${row.task_instance_id}: ${error.message}`),
    isOwn,
  });
  return { over, submitted, given };
}
type TakeOverDatabase = ConstructorParameters<typeof TakeOver>[0]["database"];
type IsOwn = ConstructorParameters<typeof TakeOver>[0]["isOwn"];
const away = () => Promise.reject(Object.assign(new Error("going down"), { code: "57P01" }));

describe("what a commit has started", () => {
  test("waits for a database that is away, and reaches the executor once", async () => {
    await using one = await started();
    const { over, submitted, given } = takeOver(one.db.database);
    let reads = 0;
    const run = over.run(one.rows, () => {
      reads += 1;
      return reads < 3 ? away() : Promise.resolve(one.startables);
    });
    expect(over.holds(one.rows[0]?.lease_token ?? "")).toBe(true);
    await run;
    expect([reads, submitted.length, given]).toEqual([3, 1, []]);
    expect(over.holds(one.rows[0]?.lease_token ?? "")).toBe(false);
  });

  test("is given back once the lease is gone", async () => {
    await using one = await started();
    const { over, submitted, given } = takeOver(one.db.database, () => false);
    await over.run(one.rows, away);
    expect([submitted, given]).toEqual([[], [`${one.rows[0]?.task_instance_id}: going down`]]);
  });

  test("begins no more once the lease has ended on the way, nor under the next one", async () => {
    await using one = await started();
    let processId: string | undefined = one.rows[0]?.process_id;
    const { over, submitted, given } = takeOver(one.db.database, (id) => id === processId);
    for (const next of [undefined, "4711"]) {
      await over.run(one.rows, () => {
        processId = next;
        return Promise.resolve(one.startables);
      });
    }
    expect(submitted).toEqual([]);
    expect(given).toEqual([
      expect.stringContaining("The lease ended before the attempt began"),
      expect.stringContaining("The lease ended before the attempt began"),
    ]);
  });

  test("is given back when it cannot be handed over at all", async () => {
    await using one = await started();
    const { over, submitted, given } = takeOver(one.db.database);
    await over.run(one.rows, () => Promise.reject(new Error("no such input")));
    await over.run(one.rows, () => Promise.resolve([]));
    expect(submitted).toEqual([]);
    expect(given).toHaveLength(2);
  });
});
