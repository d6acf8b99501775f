import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { limitInstallation } from "../../../packages/dag-core/src/store/limit.ts";
import { testDatabase, type TestDatabase } from "../../helpers/database.ts";
import { EngineProcess, startedBy, success } from "../../helpers/engine-process.ts";
import { insertRun, plainDag, register, sql } from "../../helpers/factory.ts";
import { brokenInvariants } from "../../helpers/invariants.ts";

let db: TestDatabase;
let one: EngineProcess;
let two: EngineProcess;

beforeEach(async () => {
  db = await testDatabase();
  one = await EngineProcess.start(db.url);
  two = await EngineProcess.start(db.url);
  await register(db.database, plainDag("d", { a: [], b: ["a"] }), plainDag("e", { a: [] }));
});
afterEach(async () => {
  await one[Symbol.asyncDispose]();
  await two[Symbol.asyncDispose]();
  await db.drop();
});

const cap = (tries: number | undefined) => limitInstallation(db.database, tries);
const queue = async (dagId: string, runs: number) => {
  for (let n = 0; n < runs; n++) await insertRun(db.database, { dagId, state: "queued" });
};
const holders = () => sql(db.database, "select kind, name, slots from limit_holder");

test("caps the tries of all processes together, over all DAGs", async () => {
  await cap(3);
  await queue("d", 4);
  await queue("e", 4);
  await one.startRuns();
  const claimed = await Promise.all([one.claim(10), two.claim(10)]);
  const running = [...claimed.flat(), ...(await one.claim(10))];
  expect(running).toHaveLength(3);
  expect(await two.claim(10)).toEqual([]);
  expect(await brokenInvariants(db.database, "under way")).toEqual({});
  await one.finish(running.slice(0, 2));
  expect(await holders()).toHaveLength(1);
  expect(await two.claim(10)).toHaveLength(2);
});

test("a hop starts nothing past it: what follows is claimed like everything else", async () => {
  await cap(1);
  await queue("d", 1);
  await one.startRuns(5);
  const [a] = await one.claim(5);
  const advanced = await one.finish(a ? [a] : [], success, 5);
  expect(startedBy(advanced)).toEqual([]);
  expect((await one.claim(5)).map((attempt) => attempt.taskId)).toEqual(["b"]);
});

test("holds also for what was ready before it was set, and ends when it is taken away", async () => {
  await queue("e", 5);
  await one.startRuns();
  await cap(2);
  expect(await one.claim(10)).toHaveLength(2);
  await cap(undefined);
  expect(await holders()).toEqual([]);
  expect(await one.claim(10)).toHaveLength(3);
  expect(await brokenInvariants(db.database, "under way")).toEqual({});
});

test("without it a hop starts what follows at once and counts nothing", async () => {
  await cap(undefined);
  await queue("d", 1);
  await one.startRuns(0);
  const [a] = await one.claim(1);
  expect(startedBy(await one.finish(a ? [a] : [], success, 5))).toHaveLength(1);
  expect(await holders()).toEqual([]);
});
