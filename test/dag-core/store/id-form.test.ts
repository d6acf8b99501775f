import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { isId } from "../../../packages/dag-core/src/kernel/ids.ts";
import { testDatabase, type TestDatabase } from "../../helpers/database.ts";
import { insertRun, plainDag, register } from "../../helpers/factory.ts";

let fixture: TestDatabase;
beforeAll(async () => {
  fixture = await testDatabase();
  await register(fixture.database, plainDag("daily"));
});
afterAll(() => fixture.drop());

test.each([
  "a",
  "backfill__2026-01-01T00:00:00.123+00:00_x31~v1",
  "a".repeat(200),
  "a".repeat(201),
  "",
  "a b",
  "a/b",
  "a..b",
  ".a.",
  "ä",
  "a\n",
])("the database takes the run id %j if the code does", async (runId) => {
  const inserted = insertRun(fixture.database, { dagId: "daily", runId, state: "queued" });
  const [outcome] = await Promise.allSettled([inserted]);
  expect(outcome.status).toBe(isId(runId) ? "fulfilled" : "rejected");
});
