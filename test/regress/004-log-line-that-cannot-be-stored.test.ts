import { expect, test } from "@jest/globals";
import { LogWriter } from "../../packages/dag-core/src/executor/log-writer.ts";
import { EventBus } from "../../packages/dag-core/src/kernel/events.ts";
import type { JsonValue } from "../../packages/dag-core/src/kernel/json.ts";
import { createRedactor } from "../../packages/dag-core/src/kernel/redact.ts";
import { testDatabase } from "../helpers/database.ts";
import { sql } from "../helpers/factory.ts";

// Half of a surrogate pair, or a NUL in a field, made the database refuse the batch; it was tried for ever, and no later
// line was written.
test("lines with characters that JSON in Postgres cannot hold are written, and so is what follows them", async () => {
  await using db = await testDatabase();
  const writer = new LogWriter({
    database: db.database,
    redactor: createRedactor([]),
    bus: new EventBus(),
  });
  const at = new Date().toISOString();
  const line = (message: string, fields?: Readonly<Record<string, JsonValue>>) => {
    return { at, level: "info", message, ...(fields && { fields }) } as const;
  };
  writer.write("1", 1, [
    line("half \ud83d"),
    line("nul \u0000"),
    line("fields", { a: "\u0000\udc00" }),
    line("names", { row: [{ "id\u0000": 1 }] }),
  ]);
  writer.write("1", 1, [line("after")]);
  await writer.stop();
  const rows = await sql(db.database, "select message, fields from task_log order by task_log_id");
  expect(rows).toEqual([
    { message: "half \ufffd", fields: null },
    { message: "nul \ufffd", fields: null },
    { message: "fields", fields: { a: "\ufffd\ufffd" } },
    { message: "names", fields: { row: [{ "id\ufffd": 1 }] } },
    { message: "after", fields: null },
  ]);
});
