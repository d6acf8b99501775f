import { PassThrough } from "node:stream";
import { expect, test } from "@jest/globals";
import { EventBus } from "../../../packages/dag-core/src/kernel/events.ts";
import { subscribeLogger } from "../../../packages/dag-core/src/kernel/logger.ts";
import { createRedactor } from "../../../packages/dag-core/src/kernel/redact.ts";

test("a database that stays away is one line, and another after it came back", async () => {
  const bus = new EventBus();
  const stream = new PassThrough();
  const log = subscribeLogger(bus, { redactor: createRedactor([]), stream });
  const error = "connection refused";
  for (const _ of [1, 2, 3]) bus.emit("database.lost", { error });
  bus.emit("task_log.write_failed", { error });
  bus.emit("database.recovered", {});
  bus.emit("database.lost", { error });
  await log.stop();
  const lines = String(stream.read()).trim().split("\n");
  const events = lines.map((line) => (JSON.parse(line) as { readonly event: string }).event);
  expect(events).toEqual([
    "database.lost",
    "task_log.write_failed",
    "database.recovered",
    "database.lost",
  ]);
});
