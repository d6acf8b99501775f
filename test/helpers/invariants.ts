import type { Queryable } from "../../packages/dag-core/src/store/database.ts";
import { sql } from "./factory.ts";

/** What holds at every commit; each query returns the rows that break it. */
const always: Readonly<Record<string, string>> = {
  "no task instance of an ended run is unfinished": `
    select i.task_instance_id, i.state, r.state as run_state
    from dag_run r join task_instance i using (dag_run_id)
    where r.state in ('success', 'failed', 'cancelled')
      and i.state in ('none', 'scheduled', 'queued', 'running', 'up_for_retry', 'up_for_reschedule', 'deferred')`,
  "what is ready is scheduled, and its run is running": `
    select t.task_instance_id, i.state, r.state as run_state
    from task_ready t
    left join task_instance i using (task_instance_id)
    left join dag_run r on r.dag_run_id = i.dag_run_id
    where i.state is distinct from 'scheduled' or r.state is distinct from 'running'`,
  "only live task instances hold a limit": `
    select h.kind, h.name, h.task_instance_id, i.state
    from limit_holder h join task_instance i using (task_instance_id)
    where i.state not in ('queued', 'running')`,
  "no limit is exceeded": `
    select l.kind, l.name, sum(h.slots) as taken, coalesce(p.slots, l.capacity) as capacity
    from "limit" l
    join limit_holder h using (kind, name)
    join task_instance i using (task_instance_id)
    left join pool p on l.kind = 'pool' and p.pool = l.name
    where i.state in ('queued', 'running')
    group by l.kind, l.name, coalesce(p.slots, l.capacity)
    having coalesce(p.slots, l.capacity) >= 0 and sum(h.slots) > coalesce(p.slots, l.capacity)`,
  "no DAG runs more than its maxActiveRuns": `
    select r.dag_id, count(*)
    from dag_run r join "limit" l on l.kind = 'dag_runs' and l.name = r.dag_id
    where r.state = 'running' and r.backfill_id is null and l.capacity >= 0
    group by r.dag_id, l.capacity having count(*) > l.capacity`,
  "tries are within their maximum": `
    select task_instance_id, try_number, max_tries from task_instance where try_number > max_tries + 1`,
  "a try that ended is in the run log once": `
    select task_instance_id, try_number, hand_off, count(*) from task_try
    group by task_instance_id, try_number, hand_off having count(*) > 1`,
  "no two attempts of a task instance overlap in the run log": `
    select a.task_instance_id, a.hand_off, b.hand_off as other
    from task_try a join task_try b using (task_instance_id)
    where a.hand_off < b.hand_off and b.claimed_at < a.claimed_at`,
  "a final failure has its alert": `
    select i.task_instance_id, i.try_number
    from task_instance i
    join dag_run r using (dag_run_id)
    join dag_version v using (dag_version_id)
    where i.state = 'failed' and i.reason not in ('manual', 'run_timeout')
      and (v.manifest -> 'alerts' ->> 'onFailure')::boolean
      and (select count(*) from alert a where a.kind = 'task_instance.failed'
        and a.task_instance_id = i.task_instance_id and a.clear_number = i.clear_number) <> 1`,
  "a failed run has its alert": `
    select r.dag_run_id
    from dag_run r join dag_version v using (dag_version_id)
    where r.state = 'failed' and (v.manifest -> 'alerts' ->> 'onFailure')::boolean
      and (select count(*) from alert a where a.kind = 'dag_run.failed'
        and a.dag_run_id = r.dag_run_id and a.clear_number = r.clear_number) <> 1`,
  "nothing that succeeded is told as a failure": `
    select a.alert_id from alert a join task_instance i using (task_instance_id)
    where a.kind = 'task_instance.failed' and i.state = 'success' and i.clear_number = a.clear_number`,
  "intervals of a DAG do not overlap": `
    select a.dag_id, a.interval_start, b.interval_start as other
    from dag_run_interval a join dag_run_interval b using (dag_id)
    where a.interval_start < b.interval_start and a.interval_end > b.interval_start`,
  "a run is never older than what was decided about it": `
    select dag_run_id from dag_run where decided > changed`,
  "an ended backfill has no unfinished run": `
    select b.backfill_id from backfill b join dag_run r using (backfill_id)
    where b.ended_at is not null and r.state in ('queued', 'running')`,
};

/** What holds besides when nothing is under way and no process died within its lease. */
const atRest: Readonly<Record<string, string>> = {
  "no run is unfinished": `
    select dag_id, run_id, state from dag_run where state in ('queued', 'running')`,
  "nothing is ready": `select * from task_ready`,
  "nothing holds a limit": `select * from limit_holder`,
  "no backfill is left without an end": `
    select backfill_id from backfill b where ended_at is null and not exists (
      select from dag_run r where r.backfill_id = b.backfill_id and r.state in ('queued', 'running'))`,
  "no run waits for a decision": `select dag_run_id from dag_run where needs_decision`,
};

/** What holds while runs go on: everything unfinished has something that will move it. */
const alive: Readonly<Record<string, string>> = {
  "what is scheduled is ready, or held back by a limit of its run": `
    select i.task_instance_id, i.task_id
    from task_instance i
    join dag_run r using (dag_run_id)
    join dag_version v using (dag_version_id)
    left join task_ready t using (task_instance_id)
    where i.state = 'scheduled' and r.state = 'running' and t.task_instance_id is null
      and not r.needs_decision
      and v.manifest -> 'maxActiveTasks' is null
      and not exists (
        select from jsonb_array_elements(v.manifest -> 'tasks') as task
        where task ->> 'taskId' = i.task_id and task -> 'maxActive' is not null)`,
  "what runs runs under a process": `
    select i.task_instance_id from task_instance i
    left join process p using (process_id)
    where i.state = 'running' and p.process_id is null`,
};

export type Broken = Readonly<Record<string, readonly unknown[]>>;

/** The invariants that do not hold, with the rows that break them; empty when all is well. */
export async function brokenInvariants(
  database: Queryable,
  moment: "at rest" | "under way" = "at rest",
): Promise<Broken> {
  const checks = { ...always, ...alive, ...(moment === "at rest" ? atRest : {}) };
  const broken: Record<string, readonly unknown[]> = {};
  for (const [name, query] of Object.entries(checks)) {
    const rows = await sql(database, query);
    if (rows.length > 0) broken[name] = rows;
  }
  return broken;
}
