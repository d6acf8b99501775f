import { expect, test } from "@jest/globals";
import { dagText, testEngine } from "../../helpers/engine.ts";
import { insertRun, sql } from "../../helpers/factory.ts";

test("a task whose DAG was away runs as soon as that is loaded again; a sensor keeps to its time", async () => {
  const tasks = `task("a", { run: () => 1 });
    sensor("s", { every: "5m", timeout: "1h", poke: () => 1 });`;
  await using running = await testEngine({ files: { "d.ts": dagText("d", tasks) } });
  const { engine, db } = running;
  await insertRun(db.database, { dagId: "d" });
  await sql(
    db.database,
    `update task_instance set state = 'up_for_reschedule', try_number = 1,
       first_poke_at = now() - interval '1 day', wake_at = now() + interval '5 minutes'`,
  );
  const ended = engine.events.next("task_instance.succeeded", { taskId: "a" });
  await engine.reload();
  await ended;
  const text = "select state, wake_at > now() as waits from task_instance where task_id = 's'";
  expect(await sql(db.database, text)).toEqual([{ state: "up_for_reschedule", waits: true }]);
});
