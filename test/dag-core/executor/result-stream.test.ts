import { expect, test } from "@jest/globals";
import { Outbox } from "../../../packages/dag-core/src/executor/protocol.ts";
import { ResultStream } from "../../../packages/dag-core/src/executor/result-stream.ts";

const nextTurn = () => new Promise((resolve) => setImmediate(() => resolve("a turn later")));
const firstOf = (gathering: Promise<void>) =>
  Promise.race([gathering.then(() => "at once"), nextTurn()]);

test("a result waits for others only behind a batch of many, and not once nothing more can come", async () => {
  const stream = new ResultStream();
  expect(await firstOf(stream.gather())).toBe("at once");
  stream.took(1);
  expect(await firstOf(stream.gather())).toBe("at once");
  stream.took(8);
  const gathering = stream.gather();
  expect(await firstOf(gathering)).toBe("a turn later");
  stream.dry();
  await gathering;
});

test("a result of a stream waits for a time only", async () => {
  const stream = new ResultStream();
  stream.took(8);
  await expect(stream.gather()).resolves.toBeUndefined();
});

test("a message that nobody waits for goes with the next one, or by itself", async () => {
  const batches: (readonly string[])[] = [];
  let told = Promise.withResolvers<void>();
  const outbox = new Outbox<string>((batch, sent) => {
    batches.push(batch);
    sent();
    told.resolve();
  });
  outbox.add("started");
  await nextTurn();
  expect(batches).toEqual([]);
  outbox.push("finished");
  await told.promise;
  expect(batches).toEqual([["started", "finished"]]);
  told = Promise.withResolvers<void>();
  outbox.add("started again");
  await told.promise;
  expect(batches[1]).toEqual(["started again"]);
});
