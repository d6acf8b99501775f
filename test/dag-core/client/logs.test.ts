import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createClient } from "../../../packages/dag-core/src/client/index.ts";
import { testDatabase, type TestDatabase } from "../../helpers/database.ts";
import { insertRun, plainDag, register, sql } from "../../helpers/factory.ts";

let fixture: TestDatabase;
let runNumber: string;
const readLogs = (given: object) =>
  createClient({ database: fixture.database, actor: "test" }).readModel.logs("orders", "r", given);

beforeAll(async () => {
  fixture = await testDatabase();
  await register(fixture.database, plainDag("orders", { a: [], b: [] }));
  runNumber = await insertRun(fixture.database, { dagId: "orders", runId: "r" });
});
afterAll(() => fixture.drop());

/** A line with a number of its own, so that lines can become visible out of order. */
async function line(
  id: number,
  message: string,
  { taskId = "a", tryNumber = 1, ageSeconds = 0 } = {},
) {
  await sql(
    fixture.database,
    `insert into task_log (task_log_id, task_instance_id, try_number, at, level, message)
     overriding system value
     select $1::bigint, task_instance_id, $2::integer, now() - $3::integer * interval '1 second', 'info', $4::text
     from task_instance where dag_run_id = $5::bigint and task_id = $6::text`,
    id,
    tryNumber,
    ageSeconds,
    message,
    runNumber,
    taskId,
  );
}

test("a log is followed without a gap and without a repeat, also where lines come late", async () => {
  await line(1, "old", { ageSeconds: 60 });
  await line(2, "first");
  await line(4, "third");
  const first = await readLogs({});
  await line(3, "second, stored late");
  const second = await readLogs({ cursor: first.cursor });
  const third = await readLogs({ cursor: second.cursor });
  const messages = [first, second, third].map(({ lines }) => lines.map((one) => one.message));
  expect(messages).toEqual([["old", "first", "third"], ["second, stored late"], []]);
});

test("one task, one try", async () => {
  await line(11, "of b", { taskId: "b" });
  await line(12, "again", { taskId: "b", tryNumber: 2 });
  const { lines } = await readLogs({ taskId: "b", tryNumber: 2 });
  expect(lines).toMatchObject([{ taskId: "b", tryNumber: 2, message: "again" }]);
});

test("more lines than a page holds", async () => {
  await sql(
    fixture.database,
    `insert into task_log (task_instance_id, try_number, at, level, message)
     select task_instance_id, 7, now() - interval '1 hour', 'info', n::text
     from task_instance, generate_series(1, 2500) n where dag_run_id = $1::bigint and task_id = 'b'`,
    runNumber,
  );
  const seen: string[] = [];
  let cursor;
  for (let page = 0; page < 4; page++) {
    const read = await readLogs({ tryNumber: 7, cursor });
    seen.push(...read.lines.map((one) => one.message));
    cursor = read.cursor;
    expect(read.hasMore).toBe(page < 2);
  }
  expect(new Set(seen).size).toBe(2500);
  expect(seen).toHaveLength(2500);
});
