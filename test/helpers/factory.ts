import { createHash } from "node:crypto";
import { type Dag, dag, type DagBuilder, type DagOptions } from "@tidemill/dag-core";
import type { z } from "zod";
import { manifestHash } from "../../packages/dag-core/src/definition/manifest-hash.ts";
import { registerDags } from "../../packages/dag-core/src/scheduler/register-dags.ts";
import type { Database, Queryable } from "../../packages/dag-core/src/store/database.ts";

/** Runs SQL of a test, with `$1` and so on. */
export function sql<Row>(
  database: Queryable,
  text: string,
  ...values: readonly unknown[]
): Promise<Row[]> {
  const name = createHash("sha1").update(text).digest("hex");
  const parameters = values.map((_, index) => `p${index}`);
  const given = Object.fromEntries(values.map((value, index) => [`p${index}`, value]));
  return database.many<Row>({ name, text, parameters }, given);
}

/** A DAG of tasks that do nothing: `{ load: ["extract"] }` says what each follows. */
export function plainDag(
  dagId: string,
  tasks: Readonly<Record<string, readonly string[]>> = { a: [] },
  options: Partial<DagOptions<z.ZodType>> = {},
): Dag {
  const given = { schedule: null, startDate: "2026-01-01", ...options };
  return dag(dagId, given, ({ task }: DagBuilder<object>) => {
    const made = new Map<string, ReturnType<typeof task>>();
    for (const [taskId, after] of Object.entries(tasks)) {
      const upstream = after.flatMap((id) => made.get(id) ?? []);
      made.set(taskId, task(taskId, { after: upstream, run: () => undefined }));
    }
  });
}

/** Stores DAGs as a scheduler does that has loaded them; others are gone then. */
export async function register(database: Database, ...dags: readonly Dag[]): Promise<void> {
  const { failures } = await registerDags(database, {
    dags: dags.map(({ manifest }) => {
      return { file: `${manifest.dagId}.ts`, hash: manifestHash(manifest), manifest };
    }),
    failures: [],
    pausedAtCreation: false,
  });
  if (failures.length > 0) throw new Error(failures.map((one) => one.message).join("\n"));
}

export interface RunFixture {
  readonly dagId: string;
  readonly runId?: string;
  readonly state?: "queued" | "running" | "success" | "failed" | "cancelled";
  readonly runType?: "scheduled" | "manual" | "backfill";
  /** Gives the run a logical date and, unless it is cancelled, the cover of its interval. */
  readonly interval?: readonly [start: string, end: string];
}

let runs = 0;

/** Inserts a run of the DAG's present version and its task instances, all `none`. @returns its number */
export async function insertRun(database: Queryable, fixture: RunFixture): Promise<string> {
  const { dagId, runId = `run_${++runs}`, state = "running", runType = "manual" } = fixture;
  const [start, end] = fixture.interval ?? [null, null];
  const isOver = ["success", "failed", "cancelled"].includes(state);
  const [run] = await sql<{ dag_run_id: string }>(
    database,
    `insert into dag_run (dag_version_id, dag_id, run_id, run_type, state, triggered_by, run_after,
       logical_date, data_interval_start, data_interval_end, started_at, ended_at)
     select dag_version_id, dag_id, $2::text, $3::text, $4::text, 'test', coalesce($6::timestamptz, now()),
       $5::timestamptz, coalesce($5::timestamptz, now()), coalesce($6::timestamptz, now()),
       case when $4 <> 'queued' then now() end, case when $7::boolean then now() end
     from dag where dag_id = $1::text
     returning dag_run_id`,
    dagId,
    runId,
    runType,
    state,
    start,
    end,
    isOver,
  );
  if (!run) throw new Error(`no DAG ${dagId}`);
  if (start !== null && state !== "cancelled") await cover(database, run.dag_run_id);
  if (state !== "queued") await insertInstances(database, run.dag_run_id);
  return run.dag_run_id;
}

async function cover(database: Queryable, dagRunId: string): Promise<void> {
  await sql(
    database,
    `insert into dag_run_interval (dag_id, interval_start, interval_end, dag_run_id)
     select dag_id, data_interval_start, data_interval_end, dag_run_id
     from dag_run where dag_run_id = $1::bigint`,
    dagRunId,
  );
}

async function insertInstances(database: Queryable, dagRunId: string): Promise<void> {
  await sql(
    database,
    `insert into task_instance (dag_run_id, task_id, max_tries)
     select r.dag_run_id, t ->> 'taskId', (t ->> 'retries')::integer
     from dag_run r join dag_version v using (dag_version_id)
     cross join lateral jsonb_array_elements(v.manifest -> 'tasks') as t
     where r.dag_run_id = $1::bigint`,
    dagRunId,
  );
}

export interface InstanceFixture {
  readonly state: string;
  readonly tryNumber?: number;
  readonly choices?: readonly string[];
}

/** Puts a task instance into a state, with what the schema wants of it. */
export async function setInstance(
  database: Queryable,
  dagRunId: string,
  taskId: string,
  { state, tryNumber = 1, choices }: InstanceFixture,
): Promise<void> {
  await sql(
    database,
    `update task_instance
     set state = $3::text, try_number = $4::integer, choices = $5::text[], ready_at = now(),
       started_at = now(),
       lease_token = case when $3 = 'running' then gen_random_uuid() end,
       wake_at = case when $3 in ('up_for_retry', 'up_for_reschedule') then now() + interval '1 hour' end,
       ended_at = case when $3 in ('success', 'failed', 'upstream_failed', 'skipped', 'cancelled') then now() end
     where dag_run_id = $1::bigint and task_id = $2::text`,
    dagRunId,
    taskId,
    state,
    tryNumber,
    choices ?? null,
  );
}

/** States of the task instances of a run, mapped ones as `task[index]`. */
export async function instanceStates(
  database: Queryable,
  dagRunId: string,
): Promise<Record<string, string>> {
  const rows = await sql<{ task_id: string; map_index: number; state: string }>(
    database,
    `select task_id, map_index, state from task_instance
     where dag_run_id = $1::bigint order by task_instance_id`,
    dagRunId,
  );
  const name = (row: { task_id: string; map_index: number }) =>
    row.map_index < 0 ? row.task_id : `${row.task_id}[${row.map_index}]`;
  return Object.fromEntries(rows.map((row) => [name(row), row.state]));
}
