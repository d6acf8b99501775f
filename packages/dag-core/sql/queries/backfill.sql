-- name: BackfillCovered :many
-- What runs cover in a span or across its start; read under the lock of the dag row where it must hold.
select i.interval_start, i.interval_end, i.dag_run_id, r.run_id, r.state
from dag_run_interval i
join dag_run r using (dag_run_id)
where i.dag_id = @dag_id::text
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

-- name: BackfillStored :many
-- What of a backfill is stored.
select interval_start, action
from backfill_run
where backfill_id = @backfill_id::bigint;

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

-- name: BackfillRunIdsTaken :many
-- Which run ids a DAG has already: those of cancelled runs, which cover nothing any more.
select run_id
from dag_run
where dag_id = @dag_id::text and run_id = any(@run_ids::text[]);

-- name: BackfillRunNumbers :many
-- Numbers of runs that are about to be created.
select nextval(s.numbers) as dag_run_id
-- Looked up once, not for each number.
from (select pg_get_serial_sequence('dag_run', 'dag_run_id')::regclass as numbers offset 0) s
cross join generate_series(1, @runs::integer);

-- name: BackfillRunStore :exec
-- Stores some intervals of a plan in order, with the runs of those that nobody covers and what these cover. No part of
-- it joins another, so it takes a time for each row whatever the planner knows of tables that grow by it. Under the
-- lock of the dag row.
with created as (
  insert into dag_run (
    dag_run_id, dag_id, dag_version_id, run_id, run_type, triggered_by, logical_date,
    data_interval_start, data_interval_end, run_after, params, backfill_id, backfill_ordinal,
    interval_bounds)
  overriding system value
  select r.dag_run_id, @dag_id::text, @dag_version_id::bigint, r.run_id, 'backfill', @triggered_by::text,
    r.run_start, r.run_start, r.run_end, r.run_end, @params::jsonb, @backfill_id::bigint, r.ordinal,
    r.bounds::timestamptz[]
  from unnest(@run_numbers::bigint[], @run_ids::text[], @run_starts::timestamptz[],
    @run_ends::timestamptz[], @run_ordinals::integer[], @run_bounds::text[])
    as r (dag_run_id, run_id, run_start, run_end, ordinal, bounds)
), covered as (
  insert into dag_run_interval (dag_id, interval_start, interval_end, dag_run_id)
  select @dag_id::text, c.interval_start, c.interval_end, c.dag_run_id
  from unnest(@starts::timestamptz[], @ends::timestamptz[], @actions::text[], @dag_run_ids::bigint[])
    as c (interval_start, interval_end, action, dag_run_id)
  where c.action = 'create'
)
insert into backfill_run (
  backfill_id, ordinal, interval_start, interval_end, action, reason, dag_run_id)
select @backfill_id::bigint, e.ordinal, e.interval_start, e.interval_end, e.action, e.reason,
  e.dag_run_id
from unnest(@ordinals::integer[], @starts::timestamptz[], @ends::timestamptz[], @actions::text[],
  @reasons::text[], @dag_run_ids::bigint[])
  as e (ordinal, interval_start, interval_end, action, reason, dag_run_id);

-- name: BackfillRunAnalyze :exec
-- Tells the planner what the tables have grown to: that of a million new runs none has to be decided, and which of their
-- indexes is short.
analyze dag_run, dag_run_interval, backfill_run;

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
order by backfill_id, state, ended_at
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
  -- The list finds them by the index, however many a batch has of all there are.
  delete from dag_run_interval i
  using cancelled c
  where i.dag_run_id = c.dag_run_id and i.dag_run_id = any(@dag_run_ids::bigint[])
)
select count(*)::integer as cancelled from cancelled;

-- name: BackfillBatchSplit :exec
-- Gives each interval of runs that failed a run of its own, so that one bad interval stands alone: the new runs take
-- over what the failed ones cover and their places in the backfill, which these leave. Under the locks of the failed
-- runs and of their backfills.
with part as (
  select r.dag_run_id as failed_id, r.run_id as failed_run_id, r.dag_id, r.dag_version_id,
    r.triggered_by, r.params, r.backfill_id, coalesce(e.ordinal, r.backfill_ordinal) as ordinal,
    p.run_id, p.interval_start, p.interval_end
  from unnest(@dag_run_ids::bigint[], @run_ids::text[], @starts::timestamptz[], @ends::timestamptz[])
    as p (dag_run_id, run_id, interval_start, interval_end)
  join dag_run r using (dag_run_id)
  join backfill b using (backfill_id)
  left join backfill_run e
    on e.backfill_id = r.backfill_id and e.dag_run_id = r.dag_run_id and e.interval_start = p.interval_start
  where r.state = 'failed' and b.state in ('running', 'paused')
), created as (
  insert into dag_run (
    dag_id, dag_version_id, run_id, run_type, triggered_by, logical_date, data_interval_start,
    data_interval_end, run_after, params, backfill_id, backfill_ordinal)
  select p.dag_id, p.dag_version_id,
    case when t.dag_run_id is null then p.run_id else p.run_id || '_' || p.backfill_id end,
    'backfill', p.triggered_by, p.interval_start, p.interval_start, p.interval_end, p.interval_end,
    p.params, p.backfill_id, p.ordinal
  from part p
  left join dag_run t on t.dag_id = p.dag_id and t.run_id = p.run_id
  order by p.ordinal
  returning dag_run_id, dag_id, backfill_id, logical_date
), covered as (
  update dag_run_interval i
  set dag_run_id = c.dag_run_id
  from created c
  where i.dag_id = c.dag_id and i.interval_start = c.logical_date
), recorded as (
  update backfill_run e
  set dag_run_id = c.dag_run_id, action = 'create', reason = 'run ' || p.failed_run_id || ' of several intervals failed'
  from created c
  join part p on p.backfill_id = c.backfill_id and p.interval_start = c.logical_date
  where e.backfill_id = c.backfill_id and e.ordinal = p.ordinal
)
update dag_run r
set backfill_id = null, backfill_ordinal = null
from (select distinct failed_id from part) f
where r.dag_run_id = f.failed_id;

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
