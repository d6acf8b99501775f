import { expect, test } from "@jest/globals";
import { dag } from "@tidemill/dag-core";
import { createClient } from "@tidemill/dag-core/client";
import type { Outcome } from "../../packages/dag-core/src/definition/outcome.ts";
import { testDatabase } from "../helpers/database.ts";
import { EngineProcess } from "../helpers/engine-process.ts";
import { insertRun, register, sql } from "../helpers/factory.ts";

// Instances beyond the first were made anew with clear number 0. What they write once would then not have been written
// again after a clear, or would have been refused as the work of a ghost.
test("instances that a clear makes anew count the clears of those before them", async () => {
  await using db = await testDatabase();
  await using engine = await EngineProcess.start(db.url);
  const client = createClient({ databaseUrl: db.url, actor: "test" });
  const list: Outcome = { kind: "success", output: "[1,2,3]", listLength: 3 };
  await register(
    db.database,
    dag("d", { schedule: null, startDate: "2026-01-01" }, ({ task, each }) => {
      const source = task("source", { run: () => [1, 2, 3] });
      each("item", { over: source, run: ({ item }) => item });
    }),
  );
  await insertRun(db.database, { dagId: "d", runId: "r", state: "queued" });
  const run = async () => {
    await engine.startRuns();
    await engine.tick();
    const claimed = await engine.claim(10);
    const sources = claimed.filter((one) => one.taskId === "source");
    if (sources.length > 0) await engine.finish(sources, list);
    const items = [...claimed, ...(await engine.claim(10))].filter((one) => one.taskId === "item");
    await engine.finish(items);
  };
  const numbers = () =>
    sql(
      db.database,
      "select map_index, clear_number from task_instance where task_id = 'item' order by 1",
    );
  await run();
  await sql(
    db.database,
    "update task_instance set clear_number = 5 where task_id = 'item' and map_index = 2",
  );
  await client.clearTasks({ dagId: "d", runId: "r", taskIds: ["item"] });
  await run();
  await client.close();
  expect(await numbers()).toEqual([0, 1, 2].map((map_index) => ({ map_index, clear_number: 6 })));
});
