-- name: DagRunLock :many
-- Locks runs in the order of their ids. The caller reads rows of these runs in later statements only.
select r.dag_run_id, r.dag_version_id, r.state, r.changed, r.times_out_at, r.is_awaited,
  r.needs_decision, r.verdict, r.verdict_reason, d.is_paused, clock_timestamp() as now,
  exists (select from process p where p.process_id = @process_id::bigint and p.state = 'alive') as may_start,
  exists (select from "limit" l where l.kind = 'installation' and l.capacity >= 0) as is_capped
from dag_run r
join dag d using (dag_id)
where r.dag_run_id = any(@dag_run_ids::bigint[])
order by r.dag_run_id
for no key update of r;

-- name: DagRunFacts :many
-- What does not change while a run goes on, with the interval that its tasks are told of.
select dag_run_id, dag_version_id, dag_id, run_id, run_type, params, logical_date,
  data_interval_start, data_interval_end, interval_bounds, run_after, backfill_id, clear_number,
  started_at, queued_at, created_at, triggered_by
from dag_run
where dag_run_id = any(@dag_run_ids::bigint[]);

-- name: DagRunToDecide :many
-- Runs that somebody changed without deciding what follows, that have something to wake, or that are out of time; besides
-- those that cannot be advanced.
(select dag_run_id from dag_run
 where needs_decision and dag_run_id <> all(@besides::bigint[])
 order by dag_run_id
 limit @max_runs::integer)
union
(select dag_run_id from task_instance
 where wake_at <= now() and dag_run_id <> all(@besides::bigint[])
 order by wake_at
 limit @max_runs::integer)
union
(select dag_run_id from dag_run
 where times_out_at <= now() and state = 'running' and dag_run_id <> all(@besides::bigint[])
 order by times_out_at
 limit @max_runs::integer);

-- name: DagRunQueuedGroups :many
-- The DAGs and backfills that have queued runs, DAGs first, by a skip scan: one index probe for each, however many runs
-- wait; and whether there are processes that only execute. Each is found by its last run and not by its first, which
-- comes after all that have started and that a held snapshot keeps.
with recursive queued as (
  (select dag_id, coalesce(backfill_id, 0) as backfill_key
   from dag_run where state = 'queued' and not waits_for_past
   order by dag_id desc, coalesce(backfill_id, 0) desc, coalesce(backfill_ordinal, 0) desc, run_after desc,
     dag_run_id desc
   limit 1)
  union all
  select n.dag_id, n.backfill_key
  from queued q
  cross join lateral (
    select r.dag_id, coalesce(r.backfill_id, 0) as backfill_key
    from dag_run r
    where r.state = 'queued'
      and not r.waits_for_past
      and (r.dag_id, coalesce(r.backfill_id, 0)) < (q.dag_id, q.backfill_key)
    order by r.dag_id desc, coalesce(r.backfill_id, 0) desc, coalesce(r.backfill_ordinal, 0) desc,
      r.run_after desc, r.dag_run_id desc
    limit 1
  ) n
)
select q.dag_id, nullif(q.backfill_key, 0) as backfill_id,
  exists (select from process p where p.state = 'alive' and p.kind = 'worker') as has_workers
from queued q
cross join lateral (select is_present, is_paused from dag d where d.dag_id = q.dag_id limit 1) d
left join backfill b on b.backfill_id = q.backfill_key
where d.is_present and not d.is_paused and (b.backfill_id is null or b.state = 'running')
  -- A pause that is asked for holds from the commit that asks.
  and not exists (
    select from request p where p.dag_id = q.dag_id and p.verb in ('pause', 'pause_failing'))
order by q.backfill_key <> 0, q.dag_id, q.backfill_key;

-- name: DagRunQueuedLock :many
-- Locks the queued runs of DAGs (or of their backfills) that may start now and that nobody else holds, so many of each, in
-- their order, from a key on or from the head, and reads what does not change while they go on. Nothing is waited for, so
-- the rows are the newest.
select g.position::integer, r.*
from unnest(@dag_ids::text[], @backfill_ids::bigint[], @from_ordinals::integer[],
  @from_run_afters::timestamptz[], @from_dag_run_ids::bigint[])
  with ordinality as g (dag_id, backfill_id, from_ordinal, from_run_after, from_dag_run_id, position)
cross join lateral (
  select dag_run_id, dag_version_id, dag_id, run_id, run_type, params, logical_date,
    data_interval_start, data_interval_end, interval_bounds, run_after, backfill_id, clear_number,
    started_at, queued_at, created_at, triggered_by, changed,
    started_at is null and clear_number = 0 as is_new,
    is_awaited or needs_decision or verdict is not null as is_special,
    coalesce(backfill_ordinal, 0) as ordinal
  from dag_run
  where state = 'queued'
    and not waits_for_past
    and dag_id = g.dag_id
    and coalesce(backfill_id, 0) = coalesce(g.backfill_id, 0)
    and (coalesce(backfill_ordinal, 0), run_after, dag_run_id) >= (
      coalesce(g.from_ordinal, -2147483648), coalesce(g.from_run_after, '-infinity'),
      coalesce(g.from_dag_run_id, 0))
    and run_after <= now()
  order by dag_id, coalesce(backfill_id, 0), coalesce(backfill_ordinal, 0), run_after, dag_run_id
  limit @max_runs::integer
  for no key update skip locked
) r
order by g.position, r.ordinal, r.run_after, r.dag_run_id;

-- name: DagRunPlaces :many
-- Of each DAG (or backfill) given, in their order: its runs that hold a slot, read under the lock of its limit; whether
-- tasks of its runs may start here; and ids for the task instances of as many runs as were found and have a place. Counted
-- from a slot number on, or all, with the number that none of them is below, nor any that starts later.
select g.dag_id, held.running, held.low_slot, clock_timestamp() as now,
  (select d.is_paused from dag d where d.dag_id = g.dag_id) as is_paused,
  exists (select from process p where p.process_id = @process_id::bigint and p.state = 'alive') as may_start,
  exists (select from "limit" l where l.kind = 'installation' and l.capacity >= 0) as is_capped,
  array(
    select nextval('task_instance_task_instance_id_seq')
    from generate_series(1, g.tasks * least(g.max_runs, g.capacity - held.running))
  ) as instance_ids
from unnest(@dag_ids::text[], @backfill_ids::bigint[], @capacities::integer[], @max_runs::integer[],
  @tasks::integer[], @from_slots::bigint[])
  with ordinality as g (dag_id, backfill_id, capacity, max_runs, tasks, from_slot, position)
cross join lateral (
  select count(*)::integer as running,
    coalesce(min(slot_number), (select s.last_value from dag_run_slot s)) as low_slot
  from dag_run
  where state = 'running'
    and dag_id = g.dag_id
    and coalesce(backfill_id, 0) = coalesce(g.backfill_id, 0)
    and slot_number >= coalesce(g.from_slot, 0)
) held
order by g.position;

-- name: DagRunBegin :one
-- Starts queued runs that have never started, each with its task instances as it was decided what they do first. Under
-- the locks of the runs: one that is not as they said is an error, a division by zero, so that nothing is committed. A
-- run that waits for one before these looks again whether it is the right one.
with given as (
  select jsonb_object_agg(g ->> 'id', g) as runs from jsonb_array_elements(@runs::jsonb) as g
), started as (
  update dag_run r
  set state = 'running', started_at = @now::timestamptz,
    times_out_at = ((select runs from given) -> r.dag_run_id::text ->> 'times_out_at')::timestamptz,
    changed = r.changed + 1, decided = r.changed + 1
  -- Not the index of queued runs: it leads past all that ever were queued and that a held snapshot keeps. Nor a join with
  -- the list: for each run that would go through all of it.
  where r.dag_run_id = any(array(select (g ->> 'id')::bigint from jsonb_array_elements(@runs::jsonb) as g))
    and r.changed = ((select runs from given) -> r.dag_run_id::text ->> 'changed')::bigint
    and coalesce(r.state, '') = 'queued'
  returning r.dag_run_id, r.dag_id, r.logical_date
), waiting as (
  select w.dag_run_id
  from started s
  join past_wait w on w.dag_id = s.dag_id
    and w.logical_date > s.logical_date
    and w.past_date <= s.logical_date
    and w.past_dag_run_id is distinct from s.dag_run_id
  order by w.dag_run_id
  for no key update of w
), told as (
  update past_wait w
  set is_due = true
  from waiting
  where w.dag_run_id = waiting.dag_run_id
), created as (
  insert into task_instance (
    task_instance_id, dag_run_id, task_id, map_index, state, reason, try_number, max_tries, hand_off,
    lease_token, process_id, ready_at, started_at, ended_at)
  overriding system value
  select i.id, i.dag_run_id, i.task_id, i.map_index, i.state, i.reason, i.try_number, i.max_tries,
    i.hand_off, i.lease, i.process_id, i.ready_at, i.started_at, i.ended_at
  from json_to_recordset(@instances::json) as i (
    id bigint, dag_run_id bigint, task_id text, map_index integer, state text, reason text,
    try_number integer, max_tries integer, hand_off integer, lease uuid, process_id bigint,
    ready_at timestamptz, started_at timestamptz, ended_at timestamptz)
), readied as (
  insert into task_ready (
    task_instance_id, dag_run_id, priority_weight, pool_slots, order_at, dag_id, limits, is_backfill)
  select r.task_instance_id, r.dag_run_id, r.priority_weight, r.pool_slots, r.order_at, r.dag_id,
    r.limits, r.is_backfill
  from json_to_recordset(@ready::json) as r (
    task_instance_id bigint, dag_run_id bigint, priority_weight integer, pool_slots integer,
    order_at timestamptz, dag_id text, limits text[], is_backfill boolean)
)
select 1 / (count(*) = @run_count::bigint)::integer as is_whole from started;

-- name: DagRunStart :many
-- Starts queued runs and creates the task instances that they do not have yet (a cleared run has its own). A run that
-- waits for one before these looks again whether it is the right one.
with started as (
  update dag_run r
  set state = 'running',
    started_at = coalesce(r.started_at, clock_timestamp()),
    times_out_at = clock_timestamp() + (v.manifest ->> 'runTimeoutMs')::bigint * interval '1 millisecond',
    changed = r.changed + 1
  from dag_version v
  -- Not the index of queued runs: it leads past all that ever were queued and that a held snapshot keeps.
  where r.dag_run_id = any(@dag_run_ids::bigint[])
    and coalesce(r.state, '') = 'queued'
    and v.dag_version_id = r.dag_version_id
  returning r.dag_run_id, r.dag_id, r.logical_date, v.manifest
), waiting as (
  select w.dag_run_id
  from started s
  join past_wait w on w.dag_id = s.dag_id
    and w.logical_date > s.logical_date
    and w.past_date <= s.logical_date
    and w.past_dag_run_id is distinct from s.dag_run_id
  order by w.dag_run_id
  for no key update of w
), told as (
  update past_wait w
  set is_due = true
  from waiting
  where w.dag_run_id = waiting.dag_run_id
), created as (
  insert into task_instance (dag_run_id, task_id, max_tries)
  select s.dag_run_id, t.task ->> 'taskId', (t.task ->> 'retries')::integer
  from started s
  cross join lateral jsonb_array_elements(s.manifest -> 'tasks') with ordinality as t (task, position)
  -- A mapped task that is expanded has no instance with the index that would conflict. It is looked for by a subquery of
  -- one row: as a join the planner would, while it has no statistics, read all that a task ever had.
  where (
    select i.task_instance_id from task_instance i
    where i.dag_run_id = s.dag_run_id and i.task_id = t.task ->> 'taskId'
    limit 1) is null
  order by s.dag_run_id, t.position
  on conflict (dag_run_id, task_id, map_index) do nothing
)
select dag_run_id from started;

-- name: DagRunInsert :many
-- Creates queued runs of one or several DAGs; one whose run id exists is left alone, and so is one of a version that its
-- DAG has no longer. Of runs that somebody asked for, an event says so ("about" is what it says besides the run id).
with version as materialized (
  select v.dag_version_id, d.is_paused,
    (v.manifest -> 'alerts' ->> 'deadlineMs')::double precision * interval '1 millisecond' as deadline
  from dag d
  join dag_version v using (dag_version_id)
  where d.dag_id = any(@dag_ids::text[]) and d.is_present
), made as (
  insert into dag_run (
    dag_id, dag_version_id, run_id, run_type, triggered_by, logical_date, data_interval_start,
    data_interval_end, run_after, params, created_at, deadline_at)
  select c.dag_id, c.dag_version_id, c.run_id, @run_type::text, @triggered_by::text,
    c.logical_date, c.data_interval_start, c.data_interval_end, c.run_after, @params::jsonb,
    coalesce(@asked_at::timestamptz, now()), c.run_after + v.deadline
  from unnest(@dag_ids::text[], @dag_version_ids::bigint[], @run_ids::text[],
    @logical_dates::timestamptz[], @starts::timestamptz[], @ends::timestamptz[],
    @run_afters::timestamptz[])
    as c (dag_id, dag_version_id, run_id, logical_date, data_interval_start, data_interval_end, run_after)
  join version v using (dag_version_id)
  order by c.run_after
  on conflict (dag_id, run_id) do nothing
  returning dag_run_id, dag_id, dag_version_id, run_id, data_interval_start, data_interval_end
), told as (
  insert into event (name, actor, dag_id, dag_run_id, details)
  select 'dag_run.created', @triggered_by::text, m.dag_id, m.dag_run_id,
    jsonb_build_object('runId', m.run_id) || @about::jsonb
  from made m
  where @about::jsonb is not null
)
select m.dag_run_id, m.dag_id, m.run_id, m.data_interval_start, m.data_interval_end, v.is_paused
from made m
join version v using (dag_version_id);

-- name: DagRunIntervalInsert :exec
-- Covers the intervals of runs; called under the locks of the dag rows.
insert into dag_run_interval (dag_id, interval_start, interval_end, dag_run_id)
select c.dag_id, c.interval_start, c.interval_end, c.dag_run_id
from unnest(@dag_ids::text[], @dag_run_ids::bigint[], @starts::timestamptz[], @ends::timestamptz[])
  as c (dag_id, dag_run_id, interval_start, interval_end);

-- name: DagRunInstantRelease :exec
-- Gives way at an instant that a run is about, for an interval that begins there; called under the lock of the dag row.
delete from dag_run_interval
where dag_id = @dag_id::text and interval_start = @instant::timestamptz
  and interval_end = @instant::timestamptz;

-- name: DagRunIntervalOverlaps :many
-- Intervals that are covered already and meet the span given of their DAG; read under the locks of the dag rows.
-- Intervals do not overlap, so of those that begin before the span only the last can reach into it.
select c.dag_id, c.interval_start, c.interval_end, c.dag_run_id,
  -- Not a join: while it has no statistics the planner would read all runs.
  (select r.run_id from dag_run r where r.dag_run_id = c.dag_run_id and r.dag_id = c.dag_id limit 1) as run_id
from unnest(@dag_ids::text[], @span_starts::timestamptz[], @span_ends::timestamptz[])
  as s (dag_id, span_start, span_end)
cross join lateral (
  (select i.dag_id, i.interval_start, i.interval_end, i.dag_run_id
   from dag_run_interval i
   where i.dag_id = s.dag_id
     and i.interval_start >= s.span_start
     and (i.interval_start < s.span_end
       or i.interval_start = s.span_end and s.span_start = s.span_end))
  union all
  (select p.dag_id, p.interval_start, p.interval_end, p.dag_run_id
   from (
     select i.dag_id, i.interval_start, i.interval_end, i.dag_run_id
     from dag_run_interval i
     where i.dag_id = s.dag_id and i.interval_start < s.span_start
     order by i.interval_start desc
     limit 1) p
   where p.interval_end > s.span_start)
) c
order by c.dag_id, c.interval_start;

-- name: DagRunOfLostProcesses :many
-- Task instances that run under a process that is not alive any more.
select i.dag_run_id, i.task_instance_id, i.lease_token
from dag_run r
-- Each run by itself: while it has no statistics the planner would read all task instances for each.
cross join lateral (
  select t.dag_run_id, t.task_instance_id, t.lease_token, t.process_id
  from task_instance t
  where t.dag_run_id = r.dag_run_id and t.state = 'running'
  offset 0) i
left join process p on p.process_id = i.process_id
where r.state = 'running' and p.state is distinct from 'alive'
limit 10000;

-- name: DagRunOfProcess :many
-- Task instances that run under a process, with their leases.
select i.dag_run_id, i.task_instance_id, i.lease_token, i.started_at < now() - interval '10 seconds' as is_old
from dag_run r
cross join lateral (
  select t.dag_run_id, t.task_instance_id, t.lease_token, t.started_at
  from task_instance t
  where t.dag_run_id = r.dag_run_id and t.state = 'running' and t.process_id = @process_id::bigint
  offset 0) i
where r.state = 'running';

-- name: DagRunBackfillLock :many
-- Locks the backfills whose runs end or start; their states are those from then on.
select backfill_id, state
from backfill
where backfill_id = any(@backfill_ids::bigint[])
order by backfill_id
for no key update;

-- name: DagRunBackfillEnd :many
-- Ends the backfills that have no unfinished run left; read under their locks. A run that was cancelled counts as failed.
with ended as (
  update backfill b
  set state = case when b.state = 'cancelling' then 'cancelled'
      when exists (
        select from dag_run r where r.backfill_id = b.backfill_id and r.state in ('failed', 'cancelled'))
      then 'failed' else 'success' end,
    ended_at = clock_timestamp()
  where b.backfill_id = any(@backfill_ids::bigint[])
    and b.state in ('running', 'paused', 'cancelling')
    and not exists (
      select from dag_run r
      where r.backfill_id = b.backfill_id and r.state in ('queued', 'running'))
  returning b.backfill_id, b.dag_id, b.state, b.from_date, b.to_date
), told as (
  insert into alert (kind, dag_id, subject, payload)
  select 'backfill.completed', e.dag_id, e.backfill_id::text, jsonb_build_object(
      'dagId', e.dag_id, 'runId', '', 'reason', e.state, 'about', e.backfill_id::text,
      'count', (select count(*) from dag_run r where r.backfill_id = e.backfill_id),
      'dataInterval', jsonb_build_object('start', e.from_date, 'end', e.to_date),
      'timezone', v.manifest ->> 'timezone')
  from ended e
  join dag d using (dag_id)
  join dag_version v on v.dag_version_id = d.dag_version_id
  where (v.manifest -> 'alerts' ->> 'onBackfillDone')::boolean
  on conflict do nothing
)
select e.backfill_id, e.dag_id, e.state from ended e;
