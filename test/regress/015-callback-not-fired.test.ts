import { expect, test } from "@jest/globals";
import { enginePair, type EnginePair } from "../helpers/engine-pair.ts";
import { failed } from "../helpers/engine-process.ts";
import { plainDag, register } from "../helpers/factory.ts";

const alerts = (given: EnginePair) =>
  given.rows("select kind, payload ->> 'reason' as reason from alert order by kind");
const told = (reason: string) => [
  { kind: "dag_run.failed", reason: expect.any(String) },
  { kind: "task_instance.failed", reason },
];

test.each(["exit", "out_of_memory", "lease_lost"] as const)(
  "callback not fired: a task whose process ends by %s until it may not be tried again is told of",
  async (reason) => {
    await using given = await enginePair(plainDag("d"));
    await given.start();
    for (let loss = 0; loss < 4; loss++) {
      const claimed = await given.one.claim(1);
      expect(claimed).toHaveLength(1);
      await given.one.finish(claimed, { kind: "lost", reason, wasAlone: true, message: "gone" });
    }
    expect(await given.rows("select state from dag_run")).toEqual([{ state: "failed" }]);
    expect(await alerts(given)).toEqual(told(reason));
    await given.sound();
  },
);

test("callback not fired: a failure is told of though the file of its DAG is gone", async () => {
  await using given = await enginePair(plainDag("d"));
  const running = await given.running();
  await register(given.db.database);
  expect(await given.rows("select is_present from dag")).toEqual([{ is_present: false }]);
  await given.one.finish([running], failed);
  expect(await alerts(given)).toEqual(told("error"));
});

test("callback not fired: the failure of a run is told of by whichever process ends it", async () => {
  await using given = await enginePair(
    plainDag("d"),
    plainDag("timed", { a: [] }, { timeout: "1h" }),
  );
  const { one, two } = given;
  const running = await given.running("d");
  await one.finish([running], failed);
  await given.running("timed");
  await given.rows("update dag_run set times_out_at = now() where dag_id = 'timed'");
  await two.tick();
  const rows = await given.rows(
    "select dag_id, count(*)::integer as alerts from alert where kind = 'dag_run.failed' group by 1 order by 1",
  );
  expect(rows).toEqual([
    { dag_id: "d", alerts: 1 },
    { dag_id: "timed", alerts: 1 },
  ]);
  await given.sound();
});
