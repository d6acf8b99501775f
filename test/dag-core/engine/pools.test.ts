import { expect, test } from "@jest/globals";
import { createClient } from "@tidemill/dag-core/client";
import { dagText, testEngine } from "../../helpers/engine.ts";
import { sql } from "../../helpers/factory.ts";

const pooled = (slots: number) =>
  dagText("d", `task("a", { pool: "dwh", poolSlots: ${slots}, run: () => 1 });`);

test("a DAG whose pool does not exist is not registered until the pool is there", async () => {
  await using running = await testEngine({
    files: { "d.ts": pooled(2), "free.ts": dagText("free", 'task("a", { run: () => 1 });') },
  });
  const { engine, db } = running;
  const client = createClient({ database: db.database, actor: "test" });
  expect((await client.readModel.dags()).map((dag) => dag.dagId)).toEqual(["free"]);
  expect(await client.readModel.importErrors()).toMatchObject([
    {
      file: "d.ts",
      message: expect.stringMatching(
        /^TIDEMILL_POOL_NOT_FOUND: Task "a" of DAG "d" names pool "dwh", which does not exist/,
      ),
    },
  ]);

  const refused = engine.events.next("dag.import_failed", { file: "d.ts" });
  await client.setPool("dwh", 1);
  expect((await refused).error).toContain(
    'TIDEMILL_POOL_TOO_SMALL: Task "a" of DAG "d" wants 2 slots of pool "dwh", which has 1',
  );

  const registered = engine.events.next("dag.registered", { dagId: "d" });
  await client.setPool("dwh", -1);
  await registered;
  expect(await client.readModel.importErrors()).toEqual([]);
  const ended = engine.events.next("dag_run.succeeded", { dagId: "d" });
  await client.trigger("d");
  await ended;
});

test("a version that wants more than its pool has leaves the earlier one in place", async () => {
  await using running = await testEngine({
    files: { "d.ts": dagText("d", 'task("a", { run: () => 1 });') },
  });
  const { engine, db, folder } = running;
  const client = createClient({ database: db.database, actor: "test" });
  await client.setPool("dwh", 2);
  const refused = engine.events.next("dag.import_failed", { file: "d.ts" });
  await folder.write("d.ts", pooled(3));
  await engine.reload();
  await refused;
  const { manifest } = await client.readModel.dag("d");
  expect(manifest.tasks[0]?.pool).toBe("default_pool");
  const [row] = await sql<{ is_present: boolean }>(db.database, "select is_present from dag");
  expect(row?.is_present).toBe(true);
  const [error] = await client.readModel.importErrors();
  expect(error?.message).toContain("TIDEMILL_POOL_TOO_SMALL");
});
