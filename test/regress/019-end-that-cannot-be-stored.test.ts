import { expect, test } from "@jest/globals";
import { createClient } from "@tidemill/dag-core/client";
import { dagText, testEngine } from "../helpers/engine.ts";
import { sql } from "../helpers/factory.ts";

// An end that the database refused for good, as a failure too, left the lease where it was. The task was given back and
// ran again for ever.
test("an end that is refused with all that follows from it fails its task, which runs once", async () => {
  const body = `
    const a = task("a", { run: ({ log }) => log.info("runs") });
    task("b", { after: [a], triggerRule: "all_done", maxActivePerDag: 1, run: () => undefined });`;
  await using given = await testEngine({ files: { "d.ts": dagText("d", body) } });
  const { database } = given.db;
  const client = createClient({ database, actor: "test" });
  await sql(
    database,
    "create function refuse() returns trigger language plpgsql as $$ begin raise 'no room'; end $$",
  );
  await sql(
    database,
    "create trigger refuse before insert on task_ready for each row execute function refuse()",
  );
  const { runId } = await client.trigger("d");
  const failed = given.engine.events.next("scheduler.tick_failed");
  await failed;
  await given.engine.events.next("scheduler.tick_failed");
  await sql(database, "drop trigger refuse on task_ready");
  const ended = await given.engine.events.next("dag_run.succeeded");
  expect(ended).toMatchObject({ runId });
  expect(
    await sql(database, "select task_id, state, reason, error from task_try order by ended_at"),
  ).toMatchObject([
    { task_id: "a", state: "failed", reason: "serialization", error: { message: "no room" } },
    { task_id: "b", state: "success" },
  ]);
  expect(await sql(database, "select payload ->> 'reason' as reason from alert")).toEqual([
    { reason: "serialization" },
  ]);
});
