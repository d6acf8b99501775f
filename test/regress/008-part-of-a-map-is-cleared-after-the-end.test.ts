import { expect, test } from "@jest/globals";
import { dag } from "@tidemill/dag-core";
import { createClient, type Client } from "@tidemill/dag-core/client";
import { testDatabase } from "../helpers/database.ts";
import { EngineProcess } from "../helpers/engine-process.ts";
import { insertRun, register, sql } from "../helpers/factory.ts";

type Clear = Parameters<Client["clearTasks"]>[0];

// A finished run that was started again got a further instance of each mapped task that was still expanded. It could
// not take its place beside the first, so that no run of the DAG was advanced any more.
test.each<[string, Omit<Clear, "dagId" | "runId">]>([
  ["one item", { taskIds: ["item"], mapIndex: 0 }],
  ["what follows the items", { taskIds: ["after"] }],
])("a finished run goes on when only %s is cleared", async (_, choice) => {
  await using db = await testDatabase();
  await using engine = await EngineProcess.start(db.url);
  const client = createClient({ databaseUrl: db.url, actor: "test" });
  await register(
    db.database,
    dag("d", { schedule: null, startDate: "2026-01-01" }, ({ task, each }) => {
      const items = each("item", { over: ["a", "b", "c"], run: ({ item }) => item });
      task("after", { after: [items], run: () => 1 });
    }),
  );
  await insertRun(db.database, { dagId: "d", runId: "r", state: "queued" });
  const run = async () => {
    await engine.startRuns();
    for (let step = 0; step < 3; step += 1) {
      await engine.tick();
      const claimed = await engine.claim(10);
      if (claimed.length > 0) await engine.finish(claimed);
    }
  };
  await run();
  await client.clearTasks({ dagId: "d", runId: "r", ...choice });
  await run();
  await client.close();
  const states = await sql(db.database, "select state, clear_number from dag_run");
  const instances = await sql(db.database, "select map_index from task_instance order by 1");
  expect(states).toEqual([{ state: "success", clear_number: 1 }]);
  expect(instances).toEqual([-1, 0, 1, 2].map((map_index) => ({ map_index })));
});
