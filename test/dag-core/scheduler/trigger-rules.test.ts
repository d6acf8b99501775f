import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { dag, type Dag, type TaskRef, type TriggerRule } from "@tidemill/dag-core";
import { testDatabase, type TestDatabase } from "../../helpers/database.ts";
import { EngineProcess, failed, skipped, success } from "../../helpers/engine-process.ts";
import { insertRun, instanceStates, register } from "../../helpers/factory.ts";
import { brokenInvariants } from "../../helpers/invariants.ts";

const cases = JSON.parse(
  readFileSync(new URL("../../fixtures/trigger-rules.json", import.meta.url), "utf8"),
) as Record<TriggerRule, Record<string, string>>;
const options = { schedule: null, startDate: "2026-01-01" } as const;
const nothing = { run: () => undefined };

let db: TestDatabase;
let engine: EngineProcess;

beforeEach(async () => {
  db = await testDatabase();
  engine = await EngineProcess.start(db.url);
});
afterEach(async () => {
  await engine[Symbol.asyncDispose]();
  await db.drop();
});

/** How a task ends is in the first letter of its id: S, K, F; U is a task after one that fails. */
const outcomes = { S: success, K: skipped, F: failed } as const;
const endOf = ({ taskId }: { readonly taskId: string }) =>
  outcomes[taskId.charAt(0) as keyof typeof outcomes];

/** The cases without a pending upstream, each as a task of one DAG after three tasks of each kind. */
const rows = Object.entries(cases).flatMap(([rule, of]) =>
  Object.entries(of)
    .filter(([letters]) => !letters.includes("P"))
    .map(([letters, outcome]) => ({ rule, letters, outcome })),
);
const everyRule: Dag = dag("rules", options, ({ task }) => {
  const made = new Map<string, TaskRef>();
  for (const place of [0, 1, 2]) {
    const first = task(`F_before_U${place}`, nothing);
    made.set(`U${place}`, task(`U${place}`, { after: [first], ...nothing }));
    for (const end of "SKF") made.set(`${end}${place}`, task(`${end}${place}`, nothing));
  }
  for (const { rule, letters } of rows) {
    const after = letters.split("").flatMap((end, place) => made.get(`${end}${place}`) ?? []);
    task(`${rule}.${letters}`, { after, triggerRule: rule as TriggerRule, ...nothing });
  }
});

test("every case of the table comes out of a real run, each rule having run, waited and ended", async () => {
  await register(db.database, everyRule);
  const run = await insertRun(db.database, { dagId: "rules", state: "queued" });
  await engine.startRuns();
  const running = await engine.claim(5_000);
  const first = running.filter(({ taskId }) => taskId.startsWith("F_before"));
  await engine.finish(first, failed);
  const named = running.filter(({ taskId }) => /^[SKF]\d$/.test(taskId));
  await engine.finishEach(named, endOf);
  const states = await instanceStates(db.database, run);
  const word = { run: /scheduled|running/, skip: /skipped/, upf: /upstream_failed/ };
  const wrong = rows.filter(({ rule, letters, outcome }) => {
    return !word[outcome as keyof typeof word].test(states[`${rule}.${letters}`] ?? "");
  });
  expect(wrong).toEqual([]);
  expect(rows).toHaveLength(12 * 34);
  expect(await brokenInvariants(db.database, "under way")).toEqual({});
});

describe("two upstreams of a rule, one after the other", () => {
  const joined = (rule: TriggerRule) =>
    dag("pair", options, ({ task }) => {
      const first = task("first", nothing);
      const second = task("second", nothing);
      task("end", { after: [first, second], triggerRule: rule, ...nothing });
    });

  /** @returns the state of the task after both, once the first has ended and once both have */
  async function arrive(rule: TriggerRule, ends: string) {
    await register(db.database, joined(rule));
    const run = await insertRun(db.database, { dagId: "pair", state: "queued" });
    await engine.startRuns();
    const running = await engine.claim(10);
    const seen: (string | undefined)[] = [];
    for (const [place, taskId] of ["first", "second"].entries()) {
      const one = running.filter((attempt) => attempt.taskId === taskId);
      await engine.finish(one, outcomes[ends.charAt(place) as keyof typeof outcomes]);
      seen.push((await instanceStates(db.database, run))["end"]);
    }
    return seen;
  }

  test.each([
    ["all_success", "KF", "skipped", "skipped"],
    ["all_success", "FK", "upstream_failed", "upstream_failed"],
    ["all_success", "SS", "none", "scheduled"],
    ["all_failed", "FS", "none", "skipped"],
    ["all_done", "FK", "none", "scheduled"],
    ["all_done_min_one_success", "FK", "none", "skipped"],
    ["all_done_setup_success", "FK", "none", "scheduled"],
    ["one_success", "FS", "none", "scheduled"],
    ["one_failed", "FS", "scheduled", "scheduled"],
    ["one_done", "KS", "none", "scheduled"],
    ["none_failed", "KS", "none", "scheduled"],
    ["none_failed_min_one_success", "KF", "none", "upstream_failed"],
    ["none_skipped", "SK", "none", "skipped"],
    ["all_skipped", "KK", "none", "scheduled"],
    ["always", "SS", "running", "running"],
  ] as const)("%s after %s: %s, then %s", async (rule, ends, afterFirst, afterBoth) => {
    expect(await arrive(rule, ends)).toEqual([afterFirst, afterBoth]);
  });

  test("both in one batch are judged together", async () => {
    await register(db.database, joined("all_success"));
    const run = await insertRun(db.database, { dagId: "pair", state: "queued" });
    await engine.startRuns();
    const end = ({ taskId }: { readonly taskId: string }) =>
      taskId === "first" ? skipped : failed;
    await engine.finishEach(await engine.claim(10), end);
    expect((await instanceStates(db.database, run))["end"]).toBe("upstream_failed");
  });
});
