import { expect, test } from "@jest/globals";
import { createClient } from "@tidemill/dag-core/client";
import { dagText, testEngine } from "../../helpers/engine.ts";
import { sql } from "../../helpers/factory.ts";
import { brokenInvariants } from "../../helpers/invariants.ts";

const width = 10_000;
const file = dagText(
  "wide",
  `const list = task("list", { run: () => Array.from({ length: ${width} }, (_, n) => n) });
   const item = each("item", { over: list, run: ({ item }) => item });
   task("end", { after: [item], run: () => 1 });`,
);

test("a run of 10,000 parallel tasks with a fan-in ends, each task having run once", async () => {
  await using running = await testEngine({
    files: { "wide.ts": file },
    env: { TIDEMILL_RUNNER_CONCURRENCY: "64" },
  });
  const client = createClient({ databaseUrl: running.db.url, actor: "test" });
  const ended = running.engine.events.next(
    "dag_run.succeeded",
    { dagId: "wide" },
    { deadlineMs: 150_000 },
  );
  await client.trigger("wide");
  await ended;
  await client.close();
  const [row] = await sql(
    running.db.database,
    `select count(*)::integer as tries, count(distinct task_instance_id)::integer as tasks from task_try`,
  );
  expect(row).toEqual({ tries: width + 2, tasks: width + 2 });
  expect(await brokenInvariants(running.db.database)).toEqual({});
});
