import { expect, test } from "@jest/globals";
import { type Client, createClient } from "../../../packages/dag-core/src/client/index.ts";
import { startDaemon } from "../../helpers/cli.ts";
import { dagFolder } from "../../helpers/dag-folder.ts";
import { testDatabase } from "../../helpers/database.ts";
import { sql } from "../../helpers/factory.ts";

const file = `import { dag } from DAG_CORE;
export default dag("busy", { schedule: "@daily", startDate: "2100-01-01", maxActiveRuns: 6,
  maxActiveTasksPerDag: 4, defaults: { retries: 1, retryDelay: "10ms" } }, ({ task, each }) => {
  const list = task("list", { run: () => [1, 2, 3] });
  const items = each("item", { over: list, pool: "small", run: ({ item }) => item });
  task("flaky", { after: [items], run: ({ tryNumber }) => { if (tryNumber % 2) throw new Error("again"); } });
});
`;
const mistakes = [
  "TIDEMILL_STATE_REFUSED",
  "TIDEMILL_INTERVAL_COVERED",
  "TIDEMILL_BACKFILL_OVERLAP",
  "TIDEMILL_BACKFILL_EMPTY",
];

/** What a person may do at a bad moment is refused with a reason; anything else is a defect. */
async function attempt(work: Promise<unknown>): Promise<void> {
  await work.catch((error: { readonly code?: string }) => {
    if (!mistakes.includes(error.code ?? "")) throw error;
  });
}

/** Does to one run, at once, what several people might. */
async function disturb(client: Client, n: number): Promise<void> {
  const { runId } = await client.trigger("busy");
  const run = { dagId: "busy", runId };
  await Promise.all([
    attempt(client.clearTasks({ ...run, taskIds: ["item"], downstream: true })),
    n % 3 === 0 ? attempt(client.cancelRun("busy", runId)) : undefined,
    attempt(client.markTasks({ ...run, taskIds: ["list"], state: "success" })),
    n % 2 === 0 ? client.setPool("small", 1 + (n % 3)) : undefined,
    n % 5 === 0 ? client.pauseDag("busy").then(() => client.unpauseDag("busy")) : undefined,
  ]);
  await attempt(client.clearTasks({ ...run, onlyFailed: true }));
}

async function backfills(client: Client): Promise<void> {
  for (const month of ["01", "02", "03"]) {
    const range = { dagId: "busy", from: `2026-${month}-01`, to: `2026-${month}-08` };
    const { backfillId } = await client.backfill.create(range);
    await client.backfill.pause(backfillId);
    await client.backfill.resume(backfillId);
    if (month !== "03") await attempt(client.backfill.cancel(backfillId));
  }
}

test("verbs and a scheduler at once: no deadlock, nothing stuck, nothing left behind", async () => {
  await using folder = await dagFolder({ "busy.ts": file });
  await using fixture = await testDatabase();
  const { database } = fixture;
  const client = createClient({ database, actor: "test" });
  await client.setPool("small", 2);
  const daemon = await startDaemon({
    TIDEMILL_DATABASE_URL: fixture.url,
    TIDEMILL_DAGS_FOLDER: folder.path,
    TIDEMILL_STACK_FILE: "/nowhere/stack.json",
    TIDEMILL_RUNNERS: "1",
  });
  const workers = [0, 1, 2, 3].map(async (worker) => {
    for (let n = 0; n < 10; n++) await disturb(client, worker * 10 + n);
  });
  await Promise.all([...workers, backfills(client)]);
  const open =
    "select run_id from dag_run where state in ('queued', 'running') order by dag_run_id limit 1";
  for (let ended = 0; ended < 200; ended++) {
    const [run] = await sql<{ run_id: string }>(database, open);
    if (!run) break;
    await daemon.logged(
      (line) => line.event === "dag_run.succeeded" || line.event === "dag_run.failed",
    );
  }
  expect(await daemon.stop()).toBe(0);
  const [left] = await sql(
    database,
    `select (select count(*)::int from dag_run where state in ('queued', 'running')) as open_runs,
       (select count(*)::int from task_instance i join dag_run r using (dag_run_id)
        where r.state in ('success', 'failed', 'cancelled')
          and i.state in ('none', 'scheduled', 'running', 'up_for_retry')) as open_tasks,
       (select count(*)::int from task_ready) as ready,
       (select count(*)::int from limit_holder) as held,
       (select count(*)::int from dag_run_interval i join dag_run r using (dag_run_id)
        where r.state = 'cancelled') as covered_by_cancelled,
       (select count(*)::int from backfill where ended_at is null) as open_backfills`,
  );
  const nothing = { open_runs: 0, open_tasks: 0, ready: 0, held: 0 };
  expect(left).toEqual({ ...nothing, covered_by_cancelled: 0, open_backfills: 0 });
  const [seen] = await sql(
    database,
    `select bool_or(state = 'success') as success, bool_or(state = 'cancelled') as cancelled,
       bool_or(clear_number > 0) as cleared, count(*) > 40 as many from dag_run`,
  );
  expect(seen).toEqual({ success: true, cancelled: true, cleared: true, many: true });
  const [stat] = await sql<{ deadlocks: string }>(
    database,
    "select deadlocks from pg_stat_database where datname = current_database()",
  );
  expect(Number(stat?.deadlocks)).toBe(0);
});
