import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { dag } from "@tidemill/dag-core";
import { createClient } from "../../../packages/dag-core/src/client/index.ts";
import { testDatabase, type TestDatabase } from "../../helpers/database.ts";
import {
  type InstanceFixture,
  insertRun,
  register,
  setInstance,
  sql,
} from "../../helpers/factory.ts";

let fixture: TestDatabase;
const nothing = { run: () => undefined };
const options = { schedule: null, startDate: "2026-01-01" } as const;

const scoped = dag("scoped", options, ({ task, setup, teardown }) => {
  const make = setup("make", nothing);
  const early = task("early", nothing);
  const work = task("work", { after: [make], ...nothing });
  const far = task("far", { after: [work, early], triggerRule: "one_success", ...nothing });
  teardown("unmake", { of: [make], after: [far], ...nothing });
});

const torn = dag("torn", options, ({ task, setup, teardown }) => {
  const make = setup("make", nothing);
  const work = task("work", { after: [make], ...nothing });
  const late = task("late", nothing);
  teardown("unmake", { of: [make], after: [work, late], ...nothing });
});

const mapped = dag("mapped", options, ({ task, each }) => {
  const items = each("items", { over: [1, 2, 3], run: ({ item }) => item });
  task("sum", { after: [items], ...nothing });
});

const parted = dag("parted", options, ({ task, branch }) => {
  const mode = branch("mode", { cases: ["full", "part"], run: () => "part" as const });
  task("full", { when: mode.is("full"), ...nothing });
  task("part", { when: mode.is("part"), ...nothing });
});

beforeAll(async () => {
  fixture = await testDatabase();
  await register(fixture.database, scoped, torn, mapped, parted);
});
afterAll(() => fixture.drop());

async function reasonsOf(
  dagId: string,
  taskId: string,
  states: Readonly<Record<string, InstanceFixture>>,
): Promise<readonly string[]> {
  const { database } = fixture;
  const id = await insertRun(database, { dagId, runId: `${dagId}_${taskId}` });
  for (const [task, state] of Object.entries(states)) {
    await setInstance(database, id, task, state);
  }
  const client = createClient({ database, actor: "test:anna" });
  const explained = await client.explain(dagId, `${dagId}_${taskId}`, taskId);
  return explained.flatMap(({ reasons }) =>
    reasons.map(({ reason, heldBy = [] }) => [reason, ...heldBy].join(" | ")),
  );
}

describe("a waiting task is explained by the rule that decides on it", () => {
  test("a setup that it does not follow directly holds it before its own rule is asked", async () => {
    const states = { make: { state: "running" }, early: { state: "success" } };
    expect(await reasonsOf("scoped", "far", states)).toContain(
      "setups that it needs: rule all_success, of 1 upstream: 1 unfinished | work is none | make is running",
    );
  });

  test("a teardown of a skipped setup is said to be passed over", async () => {
    const states = {
      make: { state: "skipped" },
      work: { state: "skipped" },
      late: { state: "success" },
    };
    expect(await reasonsOf("torn", "unmake", states)).toContain(
      "rule all_done_setup_success, of 3 upstream: 1 succeeded, 2 skipped, of its setups 0 of 1 succeeded: decided as skipped (rule)",
    );
  });

  test("instances that a shorter list left behind are not waited for", async () => {
    const { database } = fixture;
    const id = await insertRun(database, { dagId: "mapped", runId: "mapped_sum" });
    await sql(
      database,
      `insert into task_instance (dag_run_id, task_id, map_index, max_tries)
       select $1::bigint, 'items', n, 0 from generate_series(1, 2) n`,
      id,
    );
    await sql(
      database,
      `update task_instance
       set map_index = greatest(map_index, 0),
         state = (array['success', 'removed'])[greatest(map_index, 0) + 1],
         ended_at = now()
       where dag_run_id = $1::bigint and task_id = 'items' and map_index <> 2`,
      id,
    );
    const [said] = await createClient({ database, actor: "test:anna" }).explain(
      "mapped",
      "mapped_sum",
      "sum",
    );
    expect(said?.reasons[0]).toMatchObject({
      reason: "rule all_success, of 2 upstream: 1 succeeded, 1 unfinished",
      heldBy: ["items[2] is scheduled"],
    });
  });

  test("a task that a branch passes over is told of the branch", async () => {
    const chosen = { mode: { state: "success", choices: ["part"] } };
    expect(await reasonsOf("parted", "full", chosen)).toContain(
      "rule all_success, of 1 upstream: 1 succeeded: decided as skipped (branch)",
    );
  });
});
