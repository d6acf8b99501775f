import { expect, test } from "@jest/globals";
import type { Outcome } from "../../packages/dag-core/src/definition/outcome.ts";
import { enginePair, type EnginePair } from "../helpers/engine-pair.ts";
import { EngineProcess, failed } from "../helpers/engine-process.ts";
import { plainDag } from "../helpers/factory.ts";
import { heldTransaction, untilBlocked } from "../helpers/held-transaction.ts";

const alerts = (given: EnginePair) =>
  given.rows("select kind, count(*)::integer as n from alert group by kind order by kind");
const oneEach = [
  { kind: "dag_run.failed", n: 1 },
  { kind: "task_instance.failed", n: 1 },
];
const timeout: Outcome = { ...failed, reason: "timeout" };

test("alert spam: a failure that its process and a person tell at once is one alert", async () => {
  await using given = await enginePair(plainDag("d"));
  const { client, db, one } = given;
  const running = await given.running();
  const [row] = await given.rows<{ run_id: string }>("select run_id from dag_run");
  await using held = await heldTransaction(db.database);
  await held.query("select from dag_run for no key update");
  const finish = one.finish([running], failed);
  await untilBlocked(db.database, 1);
  const mark = client
    .markTasks({ dagId: "d", runId: row?.run_id ?? "", taskIds: ["a"], state: "failed" })
    .catch((error: unknown) => error);
  await untilBlocked(db.database, 2);
  await held.commit();
  await Promise.all([finish, mark]);
  await one.tick();
  expect(await alerts(given)).toEqual(oneEach);
  await given.sound();
});

test("alert spam: a task out of time in a run that is out of time is told of once", async () => {
  await using given = await enginePair(plainDag("d", { a: [] }, { timeout: "1h" }));
  const { db, one, two } = given;
  const running = await given.running();
  await given.rows("update dag_run set times_out_at = now()");
  await using held = await heldTransaction(db.database);
  await held.query("select from dag_run for no key update");
  const finish = one.finish([running], timeout);
  await untilBlocked(db.database, 1);
  const tick = two.tick();
  await untilBlocked(db.database, 2);
  await held.commit();
  await Promise.all([finish, tick]);
  expect(await alerts(given)).toEqual(oneEach);
  await given.sound();
});

test("alert spam: a try that will be followed by another is not told of, the last one is", async () => {
  await using given = await enginePair(plainDag("d", { a: [] }, { defaults: { retries: 1 } }));
  const { one, two } = given;
  await given.start();
  await one.finish(await one.claim(1), { ...timeout, retry: "policy" });
  expect(await given.rows("select state from task_instance")).toEqual([{ state: "up_for_retry" }]);
  expect(await alerts(given)).toEqual([]);
  await given.rows("update task_instance set wake_at = now()");
  await two.tick();
  await one.finish(await one.claim(1), { ...timeout, retry: "policy" });
  expect(await alerts(given)).toEqual(oneEach);
});

test("alert spam: the last loss of a task, found by two schedulers at once, is one alert", async () => {
  await using given = await enginePair(plainDag("d"));
  const { one, two } = given;
  await given.start();
  await given.rows("update task_instance set infra_retries = 3");
  await using lost = await EngineProcess.start(given.db.url);
  expect(await lost.claim(1)).toHaveLength(1);
  await lost.fallSilent();
  await Promise.all([one.tick(), two.tick()]);
  await Promise.all([one.tick({ looksForLost: true }), two.tick({ looksForLost: true })]);
  expect(await given.rows("select state, reason from task_instance")).toEqual([
    { state: "failed", reason: "lease_lost" },
  ]);
  expect(await alerts(given)).toEqual(oneEach);
  await given.sound();
});
