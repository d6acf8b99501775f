-- name: DagList :many
-- The DAGs that files declare, with their last run and what is active.
select d.dag_id, d.file, d.is_paused, v.manifest -> 'schedule' as schedule,
  v.manifest ->> 'timezone' as timezone, v.manifest ->> 'description' as description,
  v.manifest ->> 'owner' as owner, v.manifest -> 'tags' as tags,
  jsonb_array_length(v.manifest -> 'tasks') as tasks,
  d.next_run_after, d.last_interval_end,
  (select e.message from import_error e where e.file = d.file) as import_error,
  (select count(*) from dag_run a
   where a.dag_id = d.dag_id and a.state = 'running')::integer as running,
  ((select count(*) from dag_run a
    where a.dag_id = d.dag_id and a.state = 'queued' and not a.waits_for_past)
   + (select count(*) from dag_run a
    where a.dag_id = d.dag_id and a.waits_for_past))::integer as queued,
  l.run_id as last_run_id, l.state as last_state, l.ended_at as last_ended_at
from dag d
join dag_version v using (dag_version_id)
left join lateral (
  select r.run_id, r.state, r.ended_at
  from dag_run r
  where r.dag_id = d.dag_id
  order by r.run_after desc, r.dag_run_id desc
  limit 1
) l on true
where d.is_present and (@dag_id::text is null or d.dag_id = @dag_id::text)
order by d.dag_id;

-- name: ImportErrorList :many
-- The DAG files that cannot be imported.
select file, message, noticed_at
from import_error
order by file;

-- name: RunListOfDag :many
-- Runs of a DAG, newest first. One that gave its place back and waits for its past has not started.
select r.dag_id, r.run_id, r.run_type, r.state, r.reason, r.logical_date, r.data_interval_start,
  r.data_interval_end, r.run_after, r.queued_at, case when r.state <> 'queued' then r.started_at end as started_at,
  r.ended_at, r.clear_number,
  r.backfill_id, r.triggered_by, r.params
from dag_run r
where r.dag_id = @dag_id::text
  and (@state::text is null or r.state = @state::text)
order by r.run_after desc, r.dag_run_id desc
limit @max_rows::integer;

-- name: RunListOfAll :many
-- Runs of all DAGs, newest first.
select r.dag_id, r.run_id, r.run_type, r.state, r.reason, r.logical_date, r.data_interval_start,
  r.data_interval_end, r.run_after, r.queued_at, case when r.state <> 'queued' then r.started_at end as started_at,
  r.ended_at, r.clear_number,
  r.backfill_id, r.triggered_by, r.params
from dag_run r
where @state::text is null or r.state = @state::text
order by r.dag_run_id desc
limit @max_rows::integer;

-- name: RunShow :one
-- One run.
select r.dag_run_id, r.dag_id, r.run_id, r.run_type, r.state, r.reason, r.logical_date,
  r.data_interval_start, r.data_interval_end, r.run_after, r.queued_at,
  case when r.state <> 'queued' then r.started_at end as started_at, r.ended_at,
  r.clear_number, r.backfill_id, r.triggered_by, r.params
from dag_run r
where r.dag_id = @dag_id::text and r.run_id = @run_id::text;

-- name: RunTasks :many
-- The task instances of a run, in the order in which they were declared.
select i.task_id, i.map_index, i.state, i.reason, i.try_number, i.max_tries, i.ready_at,
  i.started_at, i.ended_at, i.wake_at
from task_instance i
where i.dag_run_id = @dag_run_id::bigint
order by i.task_instance_id;

-- name: RunTries :many
-- The tries of a run (or of one of its tasks), ended or running, oldest first.
select t.task_id, t.map_index, t.try_number, t.hand_off, t.state, t.reason, t.ready_at,
  t.started_at, t.ended_at, t.error ->> 'message' as error
from task_instance i
join task_try t using (task_instance_id)
where i.dag_run_id = @dag_run_id::bigint
  and (@task_id::text is null or i.task_id = @task_id::text)
union all
select i.task_id, i.map_index, i.try_number, i.hand_off, i.state, i.reason, i.ready_at,
  i.started_at, null, null
from task_instance i
where i.dag_run_id = @dag_run_id::bigint
  and i.state = 'running'
  and (@task_id::text is null or i.task_id = @task_id::text)
order by 8, 1, 2, 3, 4;

-- name: RunLogLines :many
-- Log lines of a run (or of one of its tasks or tries) after a line.
select l.task_log_id, i.task_id, i.map_index, l.try_number, l.at, l.level, l.message, l.fields,
  l.at < now() - interval '10 seconds' as is_settled
from task_instance i
join task_log l using (task_instance_id)
where i.dag_run_id = @dag_run_id::bigint
  and l.task_log_id > @after::bigint
  and (@task_id::text is null or i.task_id = @task_id::text)
  and (@map_index::integer is null or i.map_index = @map_index::integer)
  and (@try_number::integer is null or l.try_number = @try_number::integer)
order by l.task_log_id
limit @max_rows::integer;

-- name: ProcessList :many
-- Schedulers and workers that live, or were lost within a day.
select p.process_id, p.kind, p.host, p.pid, p.version, p.capacity, p.state, p.started_at,
  p.heartbeat_at, extract(epoch from now() - p.heartbeat_at)::float8 as silent_seconds
from process p
where p.state = 'alive' or p.state = 'lost' and p.ended_at > now() - interval '1 day'
order by p.state, p.process_id;

-- name: HealthCounts :one
-- What is waiting and since when.
select
  (select count(*) from task_ready)::integer as ready,
  (select extract(epoch from now() - min(i.ready_at))
   from task_ready t
   join task_instance i using (task_instance_id))::float8 as oldest_ready_seconds,
  ((select count(*) from dag_run where state = 'queued' and not waits_for_past)
   + (select count(*) from dag_run where waits_for_past))::integer as queued_runs,
  (select count(*) from dag_run where state = 'running')::integer as running_runs,
  (select count(*) from import_error)::integer as import_errors,
  (select extract(epoch from now() - min(d.next_run_after))
   from dag d
   where not d.is_paused and d.is_present and d.next_run_after <= now())::float8 as oldest_due_seconds;

-- name: ExplainRun :one
-- What holds a run, as far as its row and those around it say. A process that is silent for a minute is gone, even if
-- no scheduler is left to say so.
select r.dag_run_id, r.dag_id, r.run_id, r.state, r.reason, r.verdict, r.run_after, r.started_at,
  r.ended_at, r.backfill_id, r.waits_for_past, d.is_paused, d.is_present, e.message as import_error,
  d.file,
  b.state as backfill_state, v.manifest, clock_timestamp() as now,
  (select count(*) from process p
   where p.state = 'alive' and p.kind = 'scheduler' and p.heartbeat_at > now() - interval '1 minute')::integer as schedulers,
  (select count(*) from process p
   where p.state = 'alive' and p.heartbeat_at > now() - interval '1 minute')::integer as processes,
  (select coalesce(sum(capacity), 0) from process p
   where p.state = 'alive' and p.heartbeat_at > now() - interval '1 minute')::integer as capacity,
  case when r.backfill_id is null then (v.manifest ->> 'maxActiveRuns')::integer
    else b.max_active_runs end as max_active_runs,
  (select count(*) from dag_run o
   where o.dag_id = r.dag_id and o.state = 'running'
     and o.backfill_id is not distinct from r.backfill_id)::integer as running_runs,
  array(
    select o.run_id
    from dag_run o
    where o.dag_id = r.dag_id and o.state = 'running'
      and o.backfill_id is not distinct from r.backfill_id
    order by o.started_at
    limit 20) as running_run_ids
from dag_run r
join dag d using (dag_id)
join dag_version v on v.dag_version_id = r.dag_version_id
left join import_error e on e.file = d.file
left join backfill b on b.backfill_id = r.backfill_id
where r.dag_id = @dag_id::text and r.run_id = @run_id::text;

-- name: ExplainInstances :many
-- The task instances of a run with what a reason may rest on.
select i.task_instance_id, i.task_id, i.map_index, i.state, i.reason, i.try_number, i.max_tries,
  i.choices, i.started_at, i.ended_at, i.wake_at, i.first_poke_at, i.wake_key,
  t.task_instance_id is not null as is_ready, t.limits, p.host, p.pid, p.state as process_state, p.heartbeat_at
from task_instance i
left join task_ready t using (task_instance_id)
left join process p on p.process_id = i.process_id
where i.dag_run_id = @dag_run_id::bigint
order by i.task_instance_id;

-- name: ExplainLimits :many
-- Limits with what is taken of them and by whom.
select l.kind, l.name, coalesce(p.slots, l.capacity) as capacity,
  coalesce(h.taken, 0)::integer as taken, coalesce(h.holders, '{}') as holders
from "limit" l
left join pool p on l.kind = 'pool' and p.pool = l.name
left join lateral (
  select sum(x.slots) as taken,
    (array_agg(r.dag_id || ' / ' || r.run_id || ' / ' || i.task_id order by i.started_at))[1:10] as holders
  from limit_holder x
  join task_instance i using (task_instance_id)
  join dag_run r using (dag_run_id)
  where x.kind = l.kind and x.name = l.name and i.state in ('queued', 'running')
) h on true
where l.kind || ':' || l.name = any(@limits::text[])
order by l.kind, l.name;

-- name: ExplainRunning :one
-- Task instances that occupy a slot of a process now, and those that are ready and belong to no backfill.
select
  (select count(*)
   from dag_run r
   join task_instance i using (dag_run_id)
   where r.state = 'running' and i.state = 'running')::integer as running,
  (select count(*)
   from task_ready t
   join dag d using (dag_id)
   where not t.is_backfill and not d.is_paused)::integer as other_ready;

-- name: StuckList :many
-- What nothing will ever wake: an unfinished task instance of a run that nobody is to decide on, which neither runs
-- under a live process, nor can be claimed, nor waits for a time, an event, its past or something before it; a queued
-- run that waits for a past that nobody looks after. Times count as missed, and processes as gone, after five minutes.
(select r.dag_id, r.run_id, i.task_id, i.map_index, i.state
 from dag_run r
 join dag_version v using (dag_version_id)
 join task_instance i using (dag_run_id)
 where r.state = 'running'
   and not r.needs_decision
   and case i.state
     when 'none' then
       not exists (select from past_wait w where w.dag_run_id = r.dag_run_id)
       and not exists (
         select
         from task_instance u
         where u.dag_run_id = r.dag_run_id
           and u.task_instance_id <> i.task_instance_id
           and u.state in ('none', 'scheduled', 'queued', 'running', 'up_for_retry',
             'up_for_reschedule', 'deferred')
           and (u.state <> 'none' or exists (
             select
             from jsonb_array_elements(v.manifest -> 'tasks') as t
             where t ->> 'taskId' = i.task_id and t -> 'upstream' ? u.task_id)))
     when 'scheduled' then
       not exists (select from task_ready t where t.task_instance_id = i.task_instance_id)
       and not exists (
         select
         from task_instance a
         left join task_ready t using (task_instance_id)
         where a.dag_run_id = r.dag_run_id
           and (a.state in ('queued', 'running') or t.task_instance_id is not null))
     when 'running' then
       not exists (
         select from process p
         where p.process_id = i.process_id
           and coalesce(p.ended_at, p.heartbeat_at) > now() - interval '5 minutes')
     when 'up_for_retry' then i.wake_at < now() - interval '5 minutes'
     when 'up_for_reschedule' then i.wake_at < now() - interval '5 minutes'
     when 'queued' then true
     else false
   end
 order by r.dag_run_id, i.task_instance_id
 limit @max_rows::integer)
union all
(select r.dag_id, r.run_id, null, null, r.state
 from dag_run r
 where r.waits_for_past
   and not exists (select from past_wait w where w.dag_run_id = r.dag_run_id)
 order by r.dag_run_id
 limit @max_rows::integer);
