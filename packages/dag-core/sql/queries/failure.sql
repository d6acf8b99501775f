-- name: RunFailures :many
-- The task instances of a run that failed, each with the error of its last try.
select i.task_id, i.map_index, i.try_number, i.reason, t.error ->> 'message' as error
from task_instance i
left join lateral (
  select x.error
  from task_try x
  where x.task_instance_id = i.task_instance_id
  order by x.ended_at desc
  limit 1) t on true
where i.dag_run_id = @dag_run_id::bigint and i.state = 'failed'
order by i.task_instance_id
limit @max_rows::integer;

-- name: RunTryErrors :many
-- The tries of a run (or of one of its tasks) that ended in an error, in the order of their ends.
select t.task_id, t.map_index, t.try_number, t.hand_off, t.ended_at, t.state, t.reason,
  t.error ->> 'class' as class, t.error ->> 'message' as message, t.error ->> 'stack' as stack
from task_instance i
join task_try t using (task_instance_id)
where i.dag_run_id = @dag_run_id::bigint
  and t.error is not null
  and (@task_id::text is null or i.task_id = @task_id::text)
  and (@map_index::integer is null or i.map_index = @map_index::integer)
  and (@try_number::integer is null or t.try_number = @try_number::integer)
order by t.ended_at, t.task_id, t.map_index, t.try_number, t.hand_off;

-- name: SchedulerFailureInsert :exec
-- A step of a scheduler that failed, with the DAG that it was about where that is known.
insert into event (name, actor, dag_id, dag_run_id, details)
select 'scheduler.tick_failed', @actor::text, about.dag_id, @dag_run_id::bigint,
  jsonb_strip_nulls(jsonb_build_object('error', @error::text, 'dagId', about.dag_id))
from (
  select coalesce(@dag_id::text, (
    select r.dag_id from dag_run r where r.dag_run_id = @dag_run_id::bigint)) as dag_id
) about;

-- name: SchedulerFailureRecent :one
-- The newest failure of a scheduler within a minute: any, or one that concerns a DAG.
select e.actor, e.dag_id, e.details ->> 'error' as error,
  extract(epoch from now() - e.at)::float8 as age_seconds
from event e
where e.name = 'scheduler.tick_failed'
  and e.at > now() - interval '60 seconds'
  and (@dag_id::text is null or e.dag_id is null or e.dag_id = @dag_id::text)
order by e.at desc
limit 1;
