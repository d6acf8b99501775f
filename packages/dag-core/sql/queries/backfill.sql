-- name: BackfillCovered :many
-- What runs cover in a span or across its start; read under the lock of the dag row where it must hold. A backfill that
-- was cut off while it was created sees what it saw at first: without the runs it has made, and those it has cleared.
select i.interval_start, i.interval_end, i.dag_run_id, r.run_id,
  case when b.action = 'clear' then 'failed' else r.state end as state
from dag_run_interval i
join dag_run r using (dag_run_id)
left join backfill_run b
  on b.backfill_id = @unfinished_id::bigint and b.dag_run_id = i.dag_run_id
    and b.interval_start = i.interval_start
where i.dag_id = @dag_id::text
  and b.action is distinct from 'create'
  and i.interval_start <= @span_end::timestamptz
  and i.interval_start >= coalesce((
    select p.interval_start
    from dag_run_interval p
    where p.dag_id = @dag_id::text and p.interval_start < @span_start::timestamptz
    order by p.interval_start desc
    limit 1), @span_start::timestamptz)
order by i.interval_start;

-- name: BackfillOverlaps :many
-- Backfills of a DAG that have not ended and share a date with a range.
select backfill_id, from_date, to_date
from backfill
where dag_id = @dag_id::text
  and ended_at is null
  and from_date <= @to_date::timestamptz
  and to_date >= @from_date::timestamptz
order by backfill_id;

-- name: BackfillRunsBetween :many
-- Ids of the runs of a backfill that have not ended, by logical date.
select run_id
from dag_run
where backfill_id = @backfill_id::bigint
  and state in ('queued', 'running')
  and logical_date >= @from_date::timestamptz
  and logical_date <= @to_date::timestamptz
order by logical_date
limit 20;

-- name: BackfillUnfinished :one
-- The backfill that was asked for in the same words and is not stored whole, with how far it came.
select b.backfill_id, b.created_at, b.plan_hash,
  coalesce((select max(e.ordinal) from backfill_run e where e.backfill_id = b.backfill_id), 0)::integer as stored
from backfill b
where b.dag_id = @dag_id::text
  and b.state = 'creating'
  and b.ended_at is null
  and b.from_date = @from_date::timestamptz
  and b.to_date = @to_date::timestamptz
  and b.reprocess = @reprocess::text
  and b.run_backwards = @run_backwards::boolean
  and b.max_active_runs = @max_active_runs::integer
  and b.batch_size = @batch_size::integer
  and b.params = @params::jsonb
order by b.backfill_id
limit 1;

-- name: BackfillInsert :one
-- A request for past runs; it was made when its plan was.
insert into backfill (
  dag_id, state, from_date, to_date, reprocess, run_backwards, max_active_runs, batch_size, params,
  plan_hash, created_by, created_at)
values (
  @dag_id::text, @state::text, @from_date::timestamptz, @to_date::timestamptz, @reprocess::text,
  @run_backwards::boolean, @max_active_runs::integer, @batch_size::integer, @params::jsonb,
  @plan_hash::text, @created_by::text, @created_at::timestamptz)
returning backfill_id;

-- name: BackfillRunStore :exec
-- Stores some intervals of a plan in order, with the runs of those that nobody covers and what these cover. A run has
-- the ordinal of the first of its intervals. A run id that a cancelled run still has is told apart by the id of the
-- backfill. Under the lock of the dag row.
with entry as (
  select *
  from unnest(@ordinals::integer[], @run_ordinals::integer[], @starts::timestamptz[], @ends::timestamptz[],
    @actions::text[], @reasons::text[], @run_ids::text[], @dag_run_ids::bigint[])
    as e (ordinal, run_ordinal, interval_start, interval_end, action, reason, run_id, dag_run_id)
), run as (
  select e.run_ordinal, e.run_id, min(e.interval_start) as run_start, max(e.interval_end) as run_end,
    case when count(*) > 1
      then array_agg(e.interval_start order by e.interval_start) || max(e.interval_end) end as bounds
  from entry e
  where e.action = 'create'
  group by e.run_ordinal, e.run_id
), created as (
  insert into dag_run (
    dag_id, dag_version_id, run_id, run_type, triggered_by, logical_date, data_interval_start,
    data_interval_end, run_after, params, backfill_id, backfill_ordinal, interval_bounds)
  select @dag_id::text, @dag_version_id::bigint,
    case when t.dag_run_id is null then n.run_id else n.run_id || '_' || @backfill_id::bigint end,
    'backfill', @triggered_by::text, n.run_start, n.run_start, n.run_end, n.run_end, @params::jsonb,
    @backfill_id::bigint, n.run_ordinal, n.bounds
  from run n
  left join dag_run t on t.dag_id = @dag_id::text and t.run_id = n.run_id
  order by n.run_ordinal
  returning dag_run_id, backfill_ordinal
), covered as (
  insert into dag_run_interval (dag_id, interval_start, interval_end, dag_run_id)
  select @dag_id::text, e.interval_start, e.interval_end, c.dag_run_id
  from entry e
  join created c on c.backfill_ordinal = e.run_ordinal
  where e.action = 'create'
)
insert into backfill_run (
  backfill_id, ordinal, interval_start, interval_end, action, reason, dag_run_id)
select @backfill_id::bigint, e.ordinal, e.interval_start, e.interval_end, e.action, e.reason,
  coalesce(e.dag_run_id, c.dag_run_id)
from entry e
left join created c on c.backfill_ordinal = e.run_ordinal and e.action = 'create';

-- name: BackfillRunClear :exec
-- Takes existing runs into a backfill: everything in them is done again. Their locks are held.
with chosen as (
  select e.dag_run_id, min(e.ordinal) as ordinal
  from unnest(@dag_run_ids::bigint[], @ordinals::integer[]) as e (dag_run_id, ordinal)
  join dag_run r using (dag_run_id)
  where r.state in ('success', 'failed')
  group by e.dag_run_id
), instance as (
  select i.task_instance_id, i.task_id, i.map_index, i.try_number,
    coalesce((t.task ->> 'retries')::integer, 0) as retries,
    max(i.clear_number) over (partition by i.dag_run_id, i.task_id) as clear_number,
    row_number() over (partition by i.dag_run_id, i.task_id order by i.map_index) as place
  from chosen c
  join dag_run r using (dag_run_id)
  join dag_version v using (dag_version_id)
  join task_instance i using (dag_run_id)
  left join lateral jsonb_array_elements(v.manifest -> 'tasks') as t (task)
    on t.task ->> 'taskId' = i.task_id
), forgotten as (
  delete from xcom where task_instance_id in (select task_instance_id from instance)
), cleared as (
  -- Of a mapped task one instance is left to be expanded; the others are removed until its list has them again.
  update task_instance i
  set state = case when n.place = 1 then 'none' else 'removed' end, reason = null,
    map_index = case when n.place = 1 then -1 else i.map_index end, clear_number = n.clear_number + 1,
    max_tries = i.try_number + n.retries, cleared_at_try = i.try_number, infra_retries = 0,
    choices = null, list_length = null, runs_alone = false, process_id = null, ready_at = null,
    started_at = null, ended_at = case when n.place > 1 then clock_timestamp() end,
    first_poke_at = null
  from instance n
  where i.task_instance_id = n.task_instance_id
)
update dag_run r
set state = 'queued', run_type = 'backfill', reason = null, backfill_id = @backfill_id::bigint,
  backfill_ordinal = c.ordinal, params = coalesce(@params::jsonb, r.params), started_at = null,
  ended_at = null, times_out_at = null, queued_at = clock_timestamp(), needs_decision = false,
  clear_number = r.clear_number + 1, changed = r.changed + 1
from chosen c
where r.dag_run_id = c.dag_run_id;

-- name: BackfillSetState :one
-- Moves a backfill between states; no row if it is not in one that it may leave. Its lock is held.
update backfill
set state = @state::text
where backfill_id = @backfill_id::bigint and state = any(@from_states::text[])
returning backfill_id, dag_id;

-- name: BackfillRunsInState :many
-- Some runs of a backfill that have not started, or some that run.
select dag_run_id, run_id
from dag_run
where backfill_id = @backfill_id::bigint and state = @state::text
limit @max_runs::integer;

-- name: BackfillCancelling :many
-- Backfills that are being cancelled and still have runs that have not started.
select b.backfill_id, b.dag_id
from backfill b
where b.state = 'cancelling'
  and b.ended_at is null
  and exists (select from dag_run r where r.backfill_id = b.backfill_id and r.state = 'queued')
order by b.backfill_id;

-- name: BackfillRunCancel :one
-- Cancels runs that have not started and releases their intervals; their locks are held.
with cancelled as (
  update dag_run
  set state = 'cancelled', reason = 'manual', ended_at = clock_timestamp(),
    changed = changed + 1, needs_decision = false, waits_for_past = false
  where dag_run_id = any(@dag_run_ids::bigint[]) and state = 'queued'
  returning dag_run_id
), ended as (
  update task_instance i
  set state = 'cancelled', reason = 'manual', ended_at = clock_timestamp(), wake_at = null,
    wake_key = null
  from cancelled c
  where i.dag_run_id = c.dag_run_id
    and i.state in ('none', 'scheduled', 'up_for_retry', 'up_for_reschedule', 'deferred')
), unready as (
  delete from task_ready t using cancelled c where t.dag_run_id = c.dag_run_id
), released as (
  delete from dag_run_interval i using cancelled c where i.dag_run_id = c.dag_run_id
)
select count(*)::integer as cancelled from cancelled;

-- name: BackfillList :many
-- Backfills with how far they are, newest first; counted from the index, however many of their runs have ended.
select b.backfill_id, b.dag_id, b.state, b.from_date, b.to_date, b.reprocess, b.run_backwards,
  b.max_active_runs, b.batch_size, b.plan_hash, b.created_at, b.created_by, b.ended_at,
  coalesce(p.queued, 0)::integer as queued,
  coalesce(p.running, 0)::integer as running,
  coalesce(p.success, 0)::integer as success,
  coalesce(p.failed, 0)::integer as failed,
  coalesce(p.cancelled, 0)::integer as cancelled,
  (select count(*) from backfill_run s
   where s.backfill_id = b.backfill_id and s.action = 'skip')::integer as skipped,
  (select count(*)
     / greatest(1, extract(epoch from least(coalesce(b.ended_at, now()) - b.created_at, interval '10 minutes')))
   from dag_run r
   where r.backfill_id = b.backfill_id and r.state in ('success', 'failed')
     and r.ended_at > now() - interval '10 minutes' and b.ended_at is null)::float8 as runs_per_second
from backfill b
left join lateral (
  select count(*) filter (where r.state = 'queued') as queued,
    count(*) filter (where r.state = 'running') as running,
    count(*) filter (where r.state = 'success') as success,
    count(*) filter (where r.state = 'failed') as failed,
    count(*) filter (where r.state = 'cancelled') as cancelled
  from dag_run r
  where r.backfill_id = b.backfill_id
) p on true
where (@dag_id::text is null or b.dag_id = @dag_id::text)
  and (@backfill_id::bigint is null or b.backfill_id = @backfill_id::bigint)
order by b.backfill_id desc
limit @max_rows::integer;

-- name: BackfillFailures :many
-- The runs of a backfill that failed, newest first.
select run_id, logical_date, reason, ended_at
from dag_run
where backfill_id = @backfill_id::bigint and state = 'failed'
order by ended_at desc
limit @max_rows::integer;
