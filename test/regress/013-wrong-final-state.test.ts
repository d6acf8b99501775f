import { expect, test } from "@jest/globals";
import { enginePair } from "../helpers/engine-pair.ts";
import { EngineProcess, failed } from "../helpers/engine-process.ts";
import { plainDag } from "../helpers/factory.ts";
import { heldTransaction, untilBlocked } from "../helpers/held-transaction.ts";

const tries = "select state, try_number, hand_off from task_try order by try_number, hand_off";

test("wrong final state: a task that succeeds while its process is declared lost has succeeded", async () => {
  await using given = await enginePair(plainDag("d"));
  const { db, one, two } = given;
  const running = await given.running();
  await using held = await heldTransaction(db.database);
  await held.query("select from dag_run for no key update");
  const finish = one.finish([running]);
  await untilBlocked(db.database, 1);
  await one.fallSilent();
  const lost = two.bus.next("process.lost", { processId: one.processId });
  const rescue = two.tick();
  await lost;
  await untilBlocked(db.database, 2);
  await held.commit();
  await Promise.all([finish, rescue]);
  expect(await given.rows(tries)).toEqual([{ state: "success", try_number: 1, hand_off: 1 }]);
  expect(
    await given.rows("select state from task_instance union all select state from dag_run"),
  ).toEqual([{ state: "success" }, { state: "success" }]);
  expect(await given.rows("select * from alert")).toEqual([]);
  await given.sound();
});

test("wrong final state: a loss that two schedulers find takes no retry from the task", async () => {
  await using given = await enginePair(plainDag("d", { a: [] }, { defaults: { retries: 2 } }));
  const { one, two } = given;
  await given.start();
  await using lost = await EngineProcess.start(given.db.url);
  expect(await lost.claim(1)).toHaveLength(1);
  await lost.fallSilent();
  await Promise.all([one.tick(), two.tick()]);
  await Promise.all([one.tick({ looksForLost: true }), two.tick({ looksForLost: true })]);
  for (let retry = 0; retry < 3; retry++) {
    const claimed = await one.claim(5);
    expect(claimed).toHaveLength(1);
    await one.finish(claimed, { ...failed, retry: "policy" });
    await given.rows("update task_instance set wake_at = now() where wake_at is not null");
    await two.tick();
  }
  expect(await given.rows(tries)).toEqual([
    { state: "up_for_retry", try_number: 1, hand_off: 1 },
    { state: "up_for_retry", try_number: 1, hand_off: 2 },
    { state: "up_for_retry", try_number: 2, hand_off: 3 },
    { state: "failed", try_number: 3, hand_off: 4 },
  ]);
  await given.sound();
});

test.each([
  ["failed", "failed"],
  ["success", "success"],
] as const)(
  "wrong final state: a late result does not change what a person marked as %s",
  async (state, run) => {
    await using given = await enginePair(plainDag("d"));
    const { client, one } = given;
    const running = await given.running();
    const [row] = await given.rows<{ run_id: string }>("select run_id from dag_run");
    await client.markTasks({ dagId: "d", runId: row?.run_id ?? "", taskIds: ["a"], state });
    const late = state === "failed" ? undefined : failed;
    expect((await one.finish([running], late)).hop.fenced).toHaveLength(1);
    await one.tick();
    expect(
      await given.rows(
        "select i.state, i.reason, r.state as run from task_instance i join dag_run r using (dag_run_id)",
      ),
    ).toEqual([{ state, reason: "manual", run }]);
    await given.sound();
  },
);
