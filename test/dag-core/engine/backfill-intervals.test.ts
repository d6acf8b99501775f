import { expect, test } from "@jest/globals";
import { createClient } from "../../../packages/dag-core/src/client/index.ts";
import { dagText, testEngine } from "../../helpers/engine.ts";
import { sql } from "../../helpers/factory.ts";

test("a task of a run over several intervals is told of each, and of their span", async () => {
  const body = `task("a", { run: ({ intervals, dataInterval }) => ({
    span: [dataInterval.start.toISOString(), dataInterval.end.toISOString()],
    days: intervals.map((one) => one.start.toISOString() + "/" + one.end.toISOString()),
  }) });`;
  const options = 'schedule: "@daily", timezone: "Europe/Berlin", backfill: { maxBatch: 3 }';
  await using running = await testEngine({ files: { "d.ts": dagText("d", body, options) } });
  const client = createClient({ database: running.db.database, actor: "test" });
  const completed = running.engine.events.next("backfill.completed");
  // The clock of Berlin skips an hour on the 30th.
  await client.backfill.create({ dagId: "d", from: "2025-03-29", to: "2025-04-01", batch: 3 });
  await completed;
  const told = await sql<{ value: object }>(
    running.db.database,
    "select value from xcom join task_instance using (task_instance_id) order by task_instance_id",
  );
  expect(told.map((row) => row.value)).toEqual([
    {
      span: ["2025-03-28T23:00:00.000Z", "2025-03-31T22:00:00.000Z"],
      days: [
        "2025-03-28T23:00:00.000Z/2025-03-29T23:00:00.000Z",
        "2025-03-29T23:00:00.000Z/2025-03-30T22:00:00.000Z",
        "2025-03-30T22:00:00.000Z/2025-03-31T22:00:00.000Z",
      ],
    },
    {
      span: ["2025-03-31T22:00:00.000Z", "2025-04-01T22:00:00.000Z"],
      days: ["2025-03-31T22:00:00.000Z/2025-04-01T22:00:00.000Z"],
    },
  ]);
});
