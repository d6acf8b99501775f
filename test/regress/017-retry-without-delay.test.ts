import { expect, test } from "@jest/globals";
import { emitHop } from "../../packages/dag-core/src/scheduler/hop-events.ts";
import { enginePair } from "../helpers/engine-pair.ts";
import { failed } from "../helpers/engine-process.ts";
import { plainDag } from "../helpers/factory.ts";

// A retry without delay begins in the hop that ends the try before it. That try was then written to the run log, and told
// of, under the number of the next one.
test("a try that is followed at once is known by its own number", async () => {
  await using given = await enginePair(
    plainDag(
      "d",
      { a: [] },
      { defaults: { retries: 2, retryDelay: "0s" }, alerts: { onRetry: true } },
    ),
  );
  const { one } = given;
  const told: unknown[] = [];
  one.bus.on("task_instance.retry_scheduled", ({ tryNumber }) => told.push(tryNumber));
  await given.start();
  for (let tryNumber = 1; tryNumber <= 3; tryNumber++) {
    const claimed = await one.claim(1);
    expect(claimed).toHaveLength(1);
    emitHop(one.bus, await one.finish(claimed, { ...failed, retry: "policy" }));
  }
  expect(told).toEqual([1, 2]);
  expect(await given.rows("select try_number, state from task_try order by hand_off")).toEqual([
    { try_number: 1, state: "up_for_retry" },
    { try_number: 2, state: "up_for_retry" },
    { try_number: 3, state: "failed" },
  ]);
  const alerts = `select try_number, (payload ->> 'tryNumber')::integer as said from alert
    where kind like 'task_instance.%' order by alert_id`;
  expect(await given.rows(alerts)).toEqual([1, 2, 3].map((n) => ({ try_number: n, said: n })));
  await given.sound();
});
