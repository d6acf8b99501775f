-- name: PastRead :many
-- The run before each of some runs, by logical date: the newest that counts, of two about one date the one that was
-- not cancelled. With the states of its task instances and, in the same snapshot, its "changed".
select r.dag_run_id, r.dag_id, r.logical_date,
  r.backfill_id is not null and r.backfill_ordinal = 1 as is_first_of_backfill,
  p.dag_run_id as past_dag_run_id, p.dag_version_id as past_dag_version_id, p.run_id as past_run_id,
  p.logical_date as past_date, p.state as past_state, p.backfill_id = r.backfill_id as past_is_of_same_backfill,
  p.changed as past_changed, s.states
from dag_run r
join dag_version v using (dag_version_id)
left join lateral (
  select o.dag_run_id, o.dag_version_id, o.run_id, o.logical_date, o.state, o.backfill_id, o.changed
  from dag_run o
  where o.dag_id = r.dag_id
    and o.logical_date < r.logical_date
    and (o.run_type <> 'manual' or v.manifest ->> 'catchup' <> 'all')
  order by o.logical_date desc, o.state = 'cancelled', o.dag_run_id desc
  limit 1
) p on true
left join lateral (
  select jsonb_object_agg(t.task_id, t.states) as states
  from (
    select i.task_id, jsonb_agg(distinct i.state) as states
    from task_instance i
    where i.dag_run_id = p.dag_run_id
    group by i.task_id) t
) s on true
where r.dag_run_id = any(@dag_run_ids::bigint[]);

-- name: PastHadBefore :many
-- Of some tasks those that one of the thousand runs before a run had, whatever became of them.
select w.task_id
from unnest(@task_ids::text[]) as w (task_id)
where exists (
  select
  from (
    select o.dag_run_id
    from dag_run r
    join dag_run o on o.dag_id = r.dag_id and o.logical_date < r.logical_date
    where r.dag_run_id = @dag_run_id::bigint
    order by o.logical_date desc
    limit 1000) o
  cross join lateral (
    select from task_instance i where i.dag_run_id = o.dag_run_id and i.task_id = w.task_id limit 1) i);

-- name: PastWaitInsert :exec
-- Records for what runs wait; their locks are held.
insert into past_wait (
  dag_run_id, past_dag_run_id, past_changed, logical_date, past_date, dag_id, task_ids)
select w.dag_run_id, w.past_dag_run_id, w.past_changed, w.logical_date, w.past_date, w.dag_id,
  w.task_ids
from jsonb_to_recordset(@waits::jsonb) as w (
  dag_run_id bigint, past_dag_run_id bigint, past_changed bigint, logical_date timestamptz,
  past_date timestamptz, dag_id text, task_ids text[])
order by w.dag_run_id
on conflict (dag_run_id) do update
  set past_dag_run_id = excluded.past_dag_run_id, past_changed = excluded.past_changed,
    past_date = excluded.past_date, task_ids = excluded.task_ids, is_settled = false,
    is_due = false;

-- name: PastHold :exec
-- Takes queued runs that wait for nothing but their past out of the queue; their locks are held. To those that wait for
-- them in turn this is no change.
update dag_run
set waits_for_past = true
where dag_run_id = any(@dag_run_ids::bigint[]) and state = 'queued';

-- name: PastNotice :exec
-- Tells of tasks that have passed in runs for which others wait; the locks of these runs are held.
with told as (
  select w.dag_run_id
  from jsonb_to_recordset(@passed::jsonb) as e (dag_run_id bigint, task_ids text[])
  join dag_run r using (dag_run_id)
  join past_wait w on w.dag_id = r.dag_id
    and w.logical_date > r.logical_date
    and w.past_date <= r.logical_date
    and w.task_ids && e.task_ids
  where not w.is_due
  order by w.dag_run_id
  for no key update of w
)
update past_wait w
set is_due = true
from told
where w.dag_run_id = told.dag_run_id;

-- name: PastOpen :many
-- Waits that somebody has to look at: new ones, those that may be over, and those whose previous run was deleted.
select dag_run_id, past_dag_run_id, is_settled, is_due
from past_wait
where is_due or not is_settled or past_dag_run_id is null
order by dag_run_id
limit @max_runs::integer;

-- name: PastSettle :many
-- Sees to it that the previous runs tell of what passes from now on, and finds those that have changed before; their
-- locks are held, so no change is under way.
with awaited as (
  update dag_run
  set is_awaited = true
  where dag_run_id = any(@past_dag_run_ids::bigint[]) and not is_awaited
)
update past_wait w
set is_settled = true, is_due = w.is_due or p.changed > w.past_changed
from dag_run p
where p.dag_run_id = w.past_dag_run_id
  and p.dag_run_id = any(@past_dag_run_ids::bigint[])
  and w.dag_run_id = any(@dag_run_ids::bigint[])
  and not w.is_settled
returning w.dag_run_id, w.is_due;

-- name: PastRelease :many
-- Lets runs look at their past again; their locks are held. One that is queued may start.
with waited as (
  delete from past_wait where dag_run_id = any(@dag_run_ids::bigint[])
)
update dag_run
set waits_for_past = false, needs_decision = state = 'running',
  changed = changed + (state = 'running')::integer
where dag_run_id = any(@dag_run_ids::bigint[]) and state in ('queued', 'running')
returning dag_run_id;
