import { expect, test } from "@jest/globals";
import { Heartbeat } from "../../packages/dag-core/src/executor/heartbeat.ts";
import { processRegister } from "../../packages/dag-core/src/store/process.ts";
import { testDatabase } from "../helpers/database.ts";
import { sql } from "../helpers/factory.ts";

// A process took on work as soon as it was registered. On a busy machine its heartbeat began later than its lease
// lasted; what it had taken on was lost again and again, until the tasks failed.
async function registered() {
  const db = await testDatabase();
  const facts = { host: "test", pid: 1, version: "0", capacity: 1 };
  const processId = await processRegister(db.database, { kind: "scheduler", ...facts });
  const lost = Promise.withResolvers<string>();
  const start = () =>
    new Heartbeat({
      url: db.url,
      schema: "tidemill",
      processId,
      heartbeatMs: 50,
      leaseMs: 20_000,
      onLost: () => lost.resolve("lost"),
    });
  return { db, processId, lost: lost.promise, start };
}

const lose = "update process set state = 'lost', ended_at = now()";

test("a process that was lost before its first heartbeat learns it before it takes on work", async () => {
  const { db, start } = await registered();
  await sql(db.database, lose);
  const heartbeat = start();
  await expect(heartbeat.beating()).rejects.toThrow("before its first heartbeat");
  await heartbeat.stop();
  await db.drop();
});

test("one that is lost later is told", async () => {
  const { db, start, lost } = await registered();
  const heartbeat = start();
  await heartbeat.beating();
  await sql(db.database, lose);
  expect(await lost).toBe("lost");
  await heartbeat.stop();
  await db.drop();
});
