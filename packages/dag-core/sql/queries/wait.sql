-- name: WaitEvents :many
-- The first event that ends each of some waits: one that is kept, was sent in time, and ended no earlier wait of it.
select w.task_instance_id, e.named_event_id, e.payload
from unnest(@task_instance_ids::bigint[], @names::text[], @sinces::timestamptz[], @after_ids::bigint[])
  as w (task_instance_id, name, since, after_id)
cross join lateral (
  select n.named_event_id, n.payload
  from named_event n
  where n.name = w.name
    and n.named_event_id > w.after_id
    and n.sent_at >= w.since
    and n.expires_at > clock_timestamp()
  order by n.named_event_id
  limit 1
) e;

-- name: WaitRuns :many
-- The ended runs that some waits name, by run id or by the start of an interval that they cover.
select w.task_instance_id, w.dag_id, e.run_id, e.state
from unnest(@task_instance_ids::bigint[], @dag_ids::text[], @run_ids::text[], @starts::timestamptz[])
  as w (task_instance_id, dag_id, run_id, interval_start)
cross join lateral (
  select r.run_id, r.state
  from dag_run r
  where r.dag_id = w.dag_id and r.run_id = w.run_id
  union all
  select r.run_id, r.state
  from dag_run_interval i
  join dag_run r using (dag_run_id)
  where i.dag_id = w.dag_id and i.interval_start = w.interval_start
) e
where e.state in ('success', 'failed', 'cancelled');

-- name: WakeTell :one
-- Lets runs look again that wait for what has happened, some at a time; what all of them were told of is done with. A
-- wait that is not visible yet looks by itself, after its commit.
with taken as (
  select wake_id, wake_key, told_dag_run_id
  from wake
  order by wake_id
  limit @max_wakes::integer
  for update skip locked
), waiting as materialized (
  select t.wake_id, i.dag_run_id
  from taken t
  cross join lateral (
    select distinct o.dag_run_id
    from task_instance o
    where o.wake_key = t.wake_key
      and o.dag_run_id > t.told_dag_run_id
      and o.state = 'deferred'
    order by o.dag_run_id
    limit @max_runs::integer) i
  order by t.wake_id, i.dag_run_id
  limit @max_runs::integer
), locked as (
  select r.dag_run_id
  from dag_run r
  where r.dag_run_id in (select dag_run_id from waiting)
  order by r.dag_run_id
  for no key update
), told as (
  update dag_run r
  set needs_decision = true
  from locked l
  where r.dag_run_id = l.dag_run_id and r.state = 'running'
), reached as (
  select wake_id, dag_run_id
  from waiting
  where (select count(*) from waiting) = @max_runs::integer
  order by wake_id desc, dag_run_id desc
  limit 1
), done as (
  delete from wake w
  using taken t
  where w.wake_id = t.wake_id
    and w.wake_id < coalesce((select wake_id from reached), t.wake_id + 1)
), moved as (
  update wake w
  set told_dag_run_id = r.dag_run_id
  from reached r
  where w.wake_id = r.wake_id
)
select (select count(*) from taken)::integer as wakes, (select count(*) from waiting)::integer as runs;

-- name: EventSend :many
-- Sends events; null for one whose key was sent before.
select send_event(e.name, e.payload, e.event_key, e.ttl_ms * interval '1 millisecond', e.sent_by) as named_event_id
from jsonb_to_recordset(@events::jsonb)
  as e (name text, payload jsonb, event_key text, ttl_ms bigint, sent_by text);

-- name: EventExpire :exec
-- Deletes events whose time is over, in slices.
delete from named_event
where named_event_id in (
  select named_event_id from named_event where expires_at < now() order by expires_at limit 2000);

-- name: WatchedDagInsert :exec
-- From now on the ends of the runs of these DAGs are told.
insert into watched_dag (dag_id)
select w.dag_id
from unnest(@dag_ids::text[]) as w (dag_id)
order by w.dag_id
on conflict do nothing;
