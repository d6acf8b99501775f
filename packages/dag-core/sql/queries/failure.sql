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
