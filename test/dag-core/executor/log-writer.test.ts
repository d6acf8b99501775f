import { expect, test } from "@jest/globals";
import { LogWriter } from "../../../packages/dag-core/src/executor/log-writer.ts";
import { EventBus } from "../../../packages/dag-core/src/kernel/events.ts";
import { createRedactor } from "../../../packages/dag-core/src/kernel/redact.ts";
import { testDatabase } from "../../helpers/database.ts";
import { sql } from "../../helpers/factory.ts";

const mostKept = 100_000;

test("lines that come while a batch is written push out nothing but what is too much", async () => {
  await using db = await testDatabase();
  const { database } = db;
  const writer = new LogWriter({ database, redactor: createRedactor([]), bus: new EventBus() });
  const lines = (count: number, message: string) =>
    Array<{ at: string; level: "info"; message: string }>(count).fill({
      at: "2026-01-01T00:00:00.000Z",
      level: "info",
      message,
    });
  writer.write("1", 1, lines(500, "being written"));
  const stopped = writer.stop();
  // The first batch is on its way once the microtasks before this one have run; its answer is not.
  await Promise.resolve();
  writer.write("1", 1, lines(mostKept, "behind it"));
  await stopped;
  await writer.stop();
  const counts = await sql(
    database,
    "select message, count(*)::int as lines from task_log group by message order by message",
  );
  expect(counts).toEqual([
    { message: "behind it", lines: mostKept },
    { message: "being written", lines: 500 },
  ]);
});
