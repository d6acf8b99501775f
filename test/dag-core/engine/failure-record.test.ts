import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { createClient } from "../../../packages/dag-core/src/client/index.ts";
import { FailureRecord } from "../../../packages/dag-core/src/engine/failure-record.ts";
import { EventBus } from "../../../packages/dag-core/src/kernel/events.ts";
import { createRedactor } from "../../../packages/dag-core/src/kernel/redact.ts";
import { testDatabase, type TestDatabase } from "../../helpers/database.ts";
import { dagText, testEngine } from "../../helpers/engine.ts";
import { insertRun, plainDag, register, sql } from "../../helpers/factory.ts";
import { until } from "../../helpers/until.ts";

let fixture: TestDatabase;
let ofOrders: string;
const client = () => createClient({ database: fixture.database, actor: "test" });

beforeAll(async () => {
  fixture = await testDatabase();
  await register(fixture.database, plainDag("orders"), plainDag("other"));
  ofOrders = await insertRun(fixture.database, { dagId: "orders", runId: "r" });
  await insertRun(fixture.database, { dagId: "other", runId: "r" });
});
beforeEach(() => sql(fixture.database, "delete from event"));
afterAll(() => fixture.drop());

/** What is stored of events, the record having heard them all. */
async function recorded(tell: (bus: EventBus) => void, everyMs?: number) {
  const bus = new EventBus();
  const record = new FailureRecord({
    database: fixture.database,
    bus,
    redactor: createRedactor(["hunter2hunter2"]),
    actor: () => "scheduler 12",
    ...(everyMs !== undefined && { everyMs }),
  });
  record.start();
  tell(bus);
  await record.stop();
  return sql<{ actor: string; dag_id: string | null; details: object }>(
    fixture.database,
    "select actor, dag_id, details from event where name = 'scheduler.tick_failed' order by event_id",
  );
}

test("the same message is stored once in ten seconds, another one besides, secrets masked", async () => {
  const rows = await recorded((bus) => {
    bus.emit("scheduler.tick_failed", { error: "no room", dagId: "orders" });
    bus.emit("scheduler.tick_failed", { error: "no room", dagId: "orders" });
    bus.emit("scheduler.tick_failed", { error: "password hunter2hunter2" });
  });
  expect(rows.toSorted((a, b) => (a.dag_id ?? "z").localeCompare(b.dag_id ?? "z"))).toEqual([
    { actor: "scheduler 12", dag_id: "orders", details: { error: "no room", dagId: "orders" } },
    {
      actor: "scheduler 12",
      dag_id: null,
      details: { error: expect.stringMatching(/^password \*+$/) },
    },
  ]);
});

test("a message is stored again when its time is over", async () => {
  const tell = (bus: EventBus) => {
    for (let n = 0; n < 2; n++) bus.emit("scheduler.tick_failed", { error: "no room" });
  };
  expect(await recorded(tell, 0)).toHaveLength(2);
});

test("health names the newest failure for a minute; explain names it for the DAG alone", async () => {
  await recorded((bus) =>
    bus.emit("scheduler.tick_failed", { error: "Run cannot be advanced", dagRunId: ofOrders }),
  );
  const told = expect.stringMatching(/^scheduler 12 failed \d+m?s ago: Run cannot be advanced;/);
  const health = await client().readModel.health();
  expect(health.isHealthy).toBe(false);
  expect(health.problems).toContainEqual(told);
  const reasons = async (dagId: string) =>
    (await client().explain(dagId, "r")).flatMap((one) => one.reasons.map((why) => why.reason));
  expect(await reasons("orders")).toContainEqual(told);
  expect(await reasons("other")).not.toContainEqual(told);

  await sql(fixture.database, "update event set at = at - interval '61 seconds'");
  expect((await client().readModel.health()).problems).not.toContainEqual(told);
  expect(await reasons("orders")).not.toContainEqual(told);
});

test("an engine stores what fails in it, in its own name", async () => {
  await using running = await testEngine({
    files: { "d.ts": dagText("d", 'task("a", { run: () => 1 });') },
  });
  const { engine, db } = running;
  engine.events.emit("scheduler.tick_failed", { error: "made up", dagId: "d" });
  await until(db.database, "exists (select from event where name = 'scheduler.tick_failed')");
  const own = createClient({ database: db.database, actor: "test" });
  const { problems } = await own.readModel.health();
  expect(problems).toEqual([expect.stringMatching(/^scheduler \d+ failed .* ago: made up;/)]);
});
