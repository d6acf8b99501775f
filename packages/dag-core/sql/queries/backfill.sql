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

-- name: BackfillInsert :one
-- A request for past runs.
insert into backfill (
  dag_id, from_date, to_date, reprocess, run_backwards, max_active_runs, params, plan_hash, created_by)
values (
  @dag_id::text, @from_date::timestamptz, @to_date::timestamptz, @reprocess::text,
  @run_backwards::boolean, @max_active_runs::integer, @params::jsonb, @plan_hash::text, @created_by::text)
returning backfill_id;

-- name: BackfillRunInsert :exec
-- Every interval of a plan, with what was decided for it.
insert into backfill_run (
  backfill_id, ordinal, interval_start, interval_end, action, reason, dag_run_id)
select @backfill_id::bigint, e.ordinal, e.interval_start, e.interval_end, e.action, e.reason,
  e.dag_run_id
from unnest(@ordinals::integer[], @starts::timestamptz[], @ends::timestamptz[], @actions::text[],
  @reasons::text[], @dag_run_ids::bigint[])
  as e (ordinal, interval_start, interval_end, action, reason, dag_run_id);

-- name: BackfillRunCreate :exec
-- Creates the runs of a plan that nobody covers, with their intervals. A run id that a cancelled run still has is
-- told apart by the id of the backfill.
with created as (
  insert into dag_run (
    dag_id, dag_version_id, run_id, run_type, triggered_by, logical_date, data_interval_start,
    data_interval_end, run_after, params, backfill_id, backfill_ordinal)
  select @dag_id::text, @dag_version_id::bigint,
    case when t.dag_run_id is null then e.run_id else e.run_id || '_' || @backfill_id::bigint end,
    'backfill', @triggered_by::text, e.interval_start, e.interval_start, e.interval_end,
    e.interval_end, @params::jsonb, @backfill_id::bigint, e.ordinal
  from unnest(@run_ids::text[], @starts::timestamptz[], @ends::timestamptz[], @ordinals::integer[])
    as e (run_id, interval_start, interval_end, ordinal)
  left join dag_run t on t.dag_id = @dag_id::text and t.run_id = e.run_id
  order by e.ordinal
  returning dag_run_id, data_interval_start, data_interval_end, backfill_ordinal
), covered as (
  insert into dag_run_interval (dag_id, interval_start, interval_end, dag_run_id)
  select @dag_id::text, c.data_interval_start, c.data_interval_end, c.dag_run_id
  from created c
)
update backfill_run b
set dag_run_id = c.dag_run_id
from created c
where b.backfill_id = @backfill_id::bigint and b.ordinal = c.backfill_ordinal;

-- name: BackfillRunClear :exec
-- Takes existing runs into a backfill: everything in them is done again. Their locks are held.
with chosen as (
  select e.dag_run_id, e.ordinal
  from unnest(@dag_run_ids::bigint[], @ordinals::integer[]) as e (dag_run_id, ordinal)
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
where r.dag_run_id = c.dag_run_id and r.state in ('success', 'failed');

-- name: BackfillSetState :one
-- Moves a backfill between states; no row if it is not in one that it may leave. Its lock is held.
update backfill
set state = @state::text,
  ended_at = case when @state::text = 'cancelled' then clock_timestamp() end
where backfill_id = @backfill_id::bigint and state = any(@from_states::text[])
returning backfill_id, dag_id;

-- name: BackfillQueuedRuns :many
-- Some runs of a backfill that have not started.
select dag_run_id
from dag_run
where backfill_id = @backfill_id::bigint and state = 'queued'
order by dag_run_id
limit @max_runs::integer;

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
-- Backfills with how far they are, newest first.
select b.backfill_id, b.dag_id, b.state, b.from_date, b.to_date, b.reprocess, b.run_backwards,
  b.max_active_runs, b.plan_hash, b.created_at, b.created_by, b.ended_at,
  coalesce(p.queued, 0)::integer as queued,
  coalesce(p.running, 0)::integer as running,
  coalesce(p.success, 0)::integer as success,
  coalesce(p.failed, 0)::integer as failed,
  coalesce(p.cancelled, 0)::integer as cancelled,
  (select count(*) from backfill_run s
   where s.backfill_id = b.backfill_id and s.action = 'skip')::integer as skipped,
  p.mean_seconds::float8 as mean_seconds
from backfill b
left join lateral (
  select count(*) filter (where r.state = 'queued') as queued,
    count(*) filter (where r.state = 'running') as running,
    count(*) filter (where r.state = 'success') as success,
    count(*) filter (where r.state = 'failed') as failed,
    count(*) filter (where r.state = 'cancelled') as cancelled,
    avg(extract(epoch from r.ended_at - r.started_at))
      filter (where r.state in ('success', 'failed')) as mean_seconds
  from dag_run r
  where r.backfill_id = b.backfill_id
) p on true
where (@dag_id::text is null or b.dag_id = @dag_id::text)
  and (@backfill_id::bigint is null or b.backfill_id = @backfill_id::bigint)
order by b.backfill_id desc
limit @max_rows::integer;
