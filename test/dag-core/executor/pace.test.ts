import { expect, test } from "@jest/globals";
import { Pace } from "../../../packages/dag-core/src/executor/pace.ts";
import { handOff } from "../../helpers/executor-probe.ts";
import { fixtureFolder, type PoolFixture, startPool } from "../../helpers/runner-pool.ts";

const folder = fixtureFolder("dags-deadly");
type Isolation = "warm" | "fresh";
const deadly = (taskId: string, isolation: Isolation = "warm") =>
  handOff(["deadly", taskId], {}, isolation);

async function runOne({ pool, probe }: PoolFixture, isolation: Isolation = "warm"): Promise<void> {
  const attempt = deadly("works", isolation);
  pool.submit([attempt]);
  await probe.outcome(attempt.id);
}

/** One slot, and attempts that were short so far: more are taken on than there are slots. */
async function withShortAttempts(options: object = {}): Promise<PoolFixture> {
  const fixture = await startPool(folder, { concurrency: 1, ...options });
  for (let nth = 0; nth < 100 && fixture.pool.freeSlots() <= 1; nth++) await runOne(fixture);
  expect(fixture.pool.freeSlots()).toBe(4);
  return fixture;
}

test("nothing is taken on ahead before anything has run, nor while attempts take long", () => {
  const pace = new Pace();
  expect(pace.ahead(16)).toBe(0);
  pace.took(1);
  expect(pace.ahead(16)).toBe(48);
  pace.took(1_000);
  expect(pace.ahead(16)).toBe(0);
  for (let nth = 0; nth < 20; nth++) pace.took(1);
  expect(pace.ahead(16)).toBe(48);
});

test("what was taken on ahead begins in the slot that is free first, one after another", async () => {
  await using fixture = await withShortAttempts();
  const attempts = [deadly("works"), deadly("works"), deadly("works")];
  fixture.pool.submit(attempts);
  expect(fixture.pool.freeSlots()).toBe(1);
  for (const { id } of attempts) {
    expect(await fixture.probe.outcome(id)).toMatchObject({ kind: "success" });
  }
});

test("what was taken on ahead of an attempt that takes long is given back, and nothing more is taken on", async () => {
  await using fixture = await withShortAttempts();
  const [long, ahead] = [deadly("waits"), deadly("works")];
  fixture.pool.submit([long, ahead]);
  await fixture.probe.heard("started", long.id);
  expect(await fixture.probe.outcome(ahead.id)).toMatchObject({ kind: "lost", reason: "stopped" });
  expect(fixture.pool.list()).toEqual([long.id]);
  expect(fixture.pool.freeSlots()).toBe(0);
});

test("attempts in processes of their own are no reason to take on more, however short they are", async () => {
  await using fixture = await startPool(folder, { concurrency: 1, freshRunners: 1 });
  for (let nth = 0; nth < 3; nth++) await runOne(fixture, "fresh");
  expect(fixture.pool.freeSlots()).toBe(1);
});

test("nothing is taken on ahead while an attempt waits for a process of its own", async () => {
  await using fixture = await withShortAttempts({ freshRunners: 1 });
  const attempts = [deadly("waits", "fresh"), deadly("works", "fresh")];
  fixture.pool.submit(attempts);
  expect(fixture.pool.freeSlots()).toBe(0);
});

test("what was taken on ahead is given back though attempts in processes of their own go on", async () => {
  await using fixture = await withShortAttempts();
  const [long, ahead] = [deadly("waits"), deadly("works")];
  fixture.pool.submit([long, ahead]);
  for (let nth = 0; nth < 30 && fixture.pool.list().includes(ahead.id); nth++) {
    await runOne(fixture, "fresh");
  }
  expect(fixture.pool.list()).toEqual([long.id]);
});
