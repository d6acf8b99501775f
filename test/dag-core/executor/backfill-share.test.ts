import { expect, test } from "@jest/globals";
import { createClient } from "../../../packages/dag-core/src/client/index.ts";
import { dagText, testEngine } from "../../helpers/engine.ts";
import { sql } from "../../helpers/factory.ts";
import { brokenInvariants } from "../../helpers/invariants.ts";
import { until } from "../../helpers/until.ts";

/** Work that takes time, so that the backfill holds every slot it may have; nothing waits by it. */
const busy = "() => new Promise((resolve) => setTimeout(resolve, 150))";
const past = (given: string) =>
  dagText(
    "past",
    `const first = task("first", { ${given} run: ${busy} });
     task("second", { after: [first], ${given} run: ${busy} });`,
    'schedule: "@daily"',
  );
const live = (given: string) => dagText("live", `task("only", { ${given} run: () => undefined });`);
const liveRuns = 6;

/** More than a backfill starts in a second on two slots: what a live run may wait for, however busy the machine is. */
const oneSecond = 14;

/** How many tasks of a backfill of many started at most between a live run, triggered beside it, and its task. */
async function overtakenBy(given: string, env: Readonly<Record<string, string>>) {
  const files = { "past.ts": past(given), "live.ts": live(given) };
  await using run = await testEngine({ files, env });
  const { database } = run.db;
  const client = createClient({ database, actor: "test" });
  if (given !== "") await client.setPool("narrow", 2);
  await until(database, "(select count(*) from dag) = 2");
  const range = { from: "2025-01-01", to: "2025-12-31" };
  const { backfillId } = await client.backfill.create({
    dagId: "past",
    ...range,
    maxActiveRuns: 50,
  });
  await until(database, "(select count(*) from task_try where dag_id = 'past') > 8");
  for (let n = 1; n <= liveRuns; n++) {
    await client.trigger("live");
    await until(
      database,
      `(select count(*) from dag_run where dag_id = 'live' and state = 'success') = ${n}`,
    );
  }
  const [late] = await sql<{ most: number }>(
    database,
    `select max((
       select count(*) from task_try b
       where b.dag_id = 'past' and b.started_at between r.queued_at and t.started_at
     ))::integer as most
     from task_try t join dag_run r using (dag_run_id) where r.dag_id = 'live'`,
  );
  expect(await client.backfill.status(backfillId)).toMatchObject({ state: "running" });
  expect(await brokenInvariants(database, "under way")).toEqual({});
  return late?.most;
}

test("live runs start within a second while a large backfill works on all slots of the process", async () => {
  const overtaken = await overtakenBy("", { TIDEMILL_PARALLELISM: "4" });
  expect(overtaken).toBeLessThan(oneSecond);
});

test("live runs start within a second in a pool that a large backfill has filled", async () => {
  const overtaken = await overtakenBy('pool: "narrow",', {});
  expect(overtaken).toBeLessThan(oneSecond);
});
