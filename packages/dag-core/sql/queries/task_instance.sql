-- name: TaskInstanceOfRuns :many
-- All task instances of runs, with whether each can be claimed now.
select i.task_instance_id, i.dag_run_id, i.task_id, i.map_index, i.state, i.reason, i.try_number,
  i.max_tries, i.cleared_at_try, i.clear_number, i.hand_off, i.infra_retries, i.list_length,
  i.runs_alone, i.choices, i.lease_token, i.process_id, i.ready_at, i.started_at, i.ended_at,
  i.wake_at, i.first_poke_at, i.wake_key, i.woken_by, t.task_instance_id is not null as is_ready
from task_instance i
left join task_ready t using (task_instance_id)
where i.dag_run_id = any(@dag_run_ids::bigint[])
order by i.task_instance_id;

-- name: TaskInstanceExpand :many
-- Creates the instances of mapped tasks beyond the first, ready to run. They count the clears of the first: what an
-- instance with their index has written once before a clear is to be written again.
insert into task_instance (
  dag_run_id, task_id, map_index, max_tries, clear_number, state, try_number, ready_at)
select e.dag_run_id, e.task_id, n, e.max_tries, e.clear_number, 'scheduled', 1, @now::timestamptz
from jsonb_to_recordset(@expansions::jsonb)
  as e (dag_run_id bigint, task_id text, from_index integer, length integer, max_tries integer,
    clear_number integer)
cross join lateral generate_series(e.from_index, e.length - 1) as n
on conflict (dag_run_id, task_id, map_index) do update
  set state = 'scheduled', try_number = task_instance.try_number + 1, ready_at = excluded.ready_at,
    ended_at = null, reason = null
  where task_instance.state in ('none', 'removed')
returning task_instance_id, dag_run_id, task_id, map_index, state, reason, try_number, max_tries,
  cleared_at_try, clear_number, hand_off, infra_retries, list_length, runs_alone, choices,
  lease_token, process_id, ready_at, started_at, ended_at, wake_at, first_poke_at, wake_key, woken_by,
  false as is_ready;

-- name: RunApply :one
-- Writes one hop: what changed in some runs, each row by compare-and-set on what it held before. Under the locks of the
-- runs, or at once: then it takes the locks itself, and writes nothing unless each run is as its copy in memory says. A
-- run that was changed while this waited for its lock is judged by its newest row; one that was not is as the snapshot
-- shows it, task instances too, since whoever changes those changes "changed".
with held as (
  select r.dag_run_id
  from jsonb_to_recordset(@runs::jsonb) as u (id bigint, changed bigint)
  join dag_run r on r.dag_run_id = u.id
  join dag d using (dag_id)
  where r.changed = u.changed
    and (not @is_at_once::boolean
      or r.state = 'running'
        and not r.needs_decision
        and not r.is_awaited
        and r.verdict is null
        and coalesce(r.times_out_at > clock_timestamp(), true)
        and not (d.is_paused and @starts::boolean))
  order by r.dag_run_id
  for no key update of r
), go as materialized (
  select count(*) = jsonb_array_length(@runs::jsonb)
    and (not @is_at_once::boolean
      or not exists (select from "limit" l where l.kind = 'installation' and l.capacity >= 0)
        and (not @starts::boolean or exists (
          select from process p where p.process_id = @process_id::bigint and p.state = 'alive'))) as is_held
  from held
), change as (
  select c.*
  from go
  cross join json_to_recordset(@instances::json) as c (
    id bigint, from_state text, from_lease uuid, state text, reason text, map_index integer,
    try_number integer, max_tries integer, hand_off integer, infra_retries integer,
    list_length integer, runs_alone boolean, choices text[], lease uuid, process_id bigint,
    ready_at timestamptz, started_at timestamptz, ended_at timestamptz, wake_at timestamptz,
    first_poke_at timestamptz, wake_key text, woken_by bigint)
  where go.is_held
), changed as (
  update task_instance i
  set state = c.state, reason = c.reason, map_index = c.map_index, try_number = c.try_number,
    max_tries = c.max_tries, hand_off = c.hand_off, infra_retries = c.infra_retries,
    list_length = c.list_length, runs_alone = c.runs_alone, choices = c.choices,
    lease_token = c.lease, process_id = c.process_id, ready_at = c.ready_at,
    started_at = c.started_at, ended_at = c.ended_at, wake_at = c.wake_at,
    first_poke_at = c.first_poke_at, wake_key = c.wake_key, woken_by = c.woken_by
  from change c
  where i.task_instance_id = c.id
    and i.state = c.from_state
    and i.lease_token is not distinct from c.from_lease
  returning i.task_instance_id
), tried as (
  insert into task_try (
    task_instance_id, dag_run_id, try_number, hand_off, clear_number, map_index, process_id,
    ready_at, claimed_at, started_at, ended_at, dag_id, task_id, state, reason, error)
  select t.task_instance_id, t.dag_run_id, t.try_number, t.hand_off, t.clear_number, t.map_index,
    t.process_id, t.ready_at, t.claimed_at, t.started_at, t.ended_at, t.dag_id, t.task_id,
    t.state, t.reason, t.error
  from go
  cross join json_to_recordset(@tries::json) as t (
    task_instance_id bigint, dag_run_id bigint, try_number integer, hand_off integer,
    clear_number integer, map_index integer, process_id bigint, ready_at timestamptz,
    claimed_at timestamptz, started_at timestamptz, ended_at timestamptz, dag_id text,
    task_id text, state text, reason text, error jsonb)
  where go.is_held
), stored as (
  insert into xcom (task_instance_id, value)
  select x.id, x.value::jsonb
  from go
  cross join json_to_recordset(@outputs::json) as x (id bigint, value text)
  where go.is_held
  on conflict (task_instance_id) do update set value = excluded.value
), remembered as (
  insert into task_state (dag_id, task_id, map_index, key, value)
  select s.dag_id, s.task_id, s.map_index, s.key, s.value::jsonb
  from go
  cross join json_to_recordset(@states::json)
    as s (dag_id text, task_id text, map_index integer, key text, value text)
  where go.is_held
  on conflict (dag_id, task_id, map_index, key) do update
    set value = excluded.value, updated_at = now()
), readied as (
  insert into task_ready (
    task_instance_id, dag_run_id, priority_weight, pool_slots, order_at, dag_id, limits, is_backfill)
  select r.task_instance_id, r.dag_run_id, r.priority_weight, r.pool_slots, r.order_at, r.dag_id,
    r.limits, r.is_backfill
  from go
  cross join json_to_recordset(@ready::json) as r (
    task_instance_id bigint, dag_run_id bigint, priority_weight integer, pool_slots integer,
    order_at timestamptz, dag_id text, limits text[],
    is_backfill boolean)
  where go.is_held
  on conflict (task_instance_id) do nothing
), taken as (
  delete from task_ready where task_instance_id = any(@unready_ids::bigint[]) and (select is_held from go)
), released as (
  delete from limit_holder where task_instance_id = any(@released_ids::bigint[]) and (select is_held from go)
), passed_on as (
  insert into limit_holder (kind, name, task_instance_id, slots, is_backfill)
  select h.kind, h.name, h.task_instance_id, h.slots, h.is_backfill
  from go
  cross join jsonb_to_recordset(@holds::jsonb)
    as h (kind text, name text, task_instance_id bigint, slots integer, is_backfill boolean)
  where go.is_held
  on conflict (kind, name, task_instance_id) do update
    set slots = excluded.slots, is_backfill = excluded.is_backfill
), alerted as (
  insert into alert (kind, dag_id, dag_run_id, clear_number, task_instance_id, try_number, hand_off, payload)
  select a.kind, a.dag_id, a.dag_run_id, a.clear_number, a.task_instance_id, a.try_number,
    a.hand_off, case when f.failures is null then a.payload else a.payload
      || jsonb_build_object('count', f.failures, 'durationMs', f.broken_ms) end
  from jsonb_to_recordset(@alerts::jsonb) as a (
    kind text, dag_id text, dag_run_id bigint, clear_number integer, task_instance_id bigint,
    try_number integer, hand_off integer, payload jsonb)
  -- A recovery is one only after a failure: of the same run, or of one that failed before this one began.
  left join lateral (
    select count(*) as failures,
      (extract(epoch from clock_timestamp() - min(told.created_at)) * 1000)::bigint as broken_ms
    from alert told
    where a.kind = 'dag_run.recovered'
      and told.kind = 'dag_run.failed'
      and told.dag_id = a.dag_id
      and (told.dag_run_id = a.dag_run_id
        or told.created_at < (a.payload ->> 'startedAt')::timestamptz)
      and told.alert_id > coalesce((
        select ended.alert_id
        from alert ended
        where ended.kind in ('dag_run.recovered', 'dag_run.succeeded')
          and ended.dag_id = a.dag_id
        order by ended.alert_id desc
        limit 1
      ), 0)
    having count(*) > 0
  ) f on true
  where (select is_held from go)
    and (a.kind <> 'dag_run.recovered' or f.failures is not null)
  on conflict do nothing
  returning alert_id
), ended as (
  update dag_run r
  set changed = r.changed + 1, decided = r.changed + 1, needs_decision = u.begins_wait,
    state = u.state, reason = u.reason, ended_at = u.ended_at,
    waits_for_past = u.state = 'queued',
    times_out_at = case when u.ended_at is null and u.verdict is null then r.times_out_at end,
    verdict = case when u.ended_at is null then coalesce(u.verdict, r.verdict) end,
    verdict_reason = case when u.ended_at is null then coalesce(u.verdict_reason, r.verdict_reason) end
  from jsonb_to_recordset(@runs::jsonb) as u (
    id bigint, state text, reason text, ended_at timestamptz, verdict text, verdict_reason text,
    begins_wait boolean)
  where r.dag_run_id = u.id and (select is_held from go)
), written as (
  select count(*) as instances from changed
)
-- A row that was not as its run said is an error of its own, so that nothing of this statement stays: a division by zero.
select is_held, clock_timestamp() as now, (select count(*)::integer from alerted) as alerts,
  1 / (not is_held or instances = @instance_count::integer)::integer as is_whole
from go cross join written;

-- name: TaskInstanceInputs :many
-- Outputs of some tasks of some runs: what attempts read.
select i.dag_run_id, i.task_id, i.map_index, x.value
from task_instance i
join xcom x using (task_instance_id)
where i.dag_run_id = any(@dag_run_ids::bigint[])
  and i.task_id = any(@task_ids::text[])
  and i.state = 'success'
order by i.dag_run_id, i.task_id, i.map_index;

-- name: TaskReadyCandidates :many
-- What may be claimed, best first: some for runs of backfills and some for the others. What waits for a limit that is
-- known to be full is passed over, and so are DAGs that this process has not loaded. The limit of the installation, if
-- there is one, is everybody's.
(select r.task_instance_id, r.dag_run_id,
   coalesce(r.limits, '{}') || array(
     select l.kind || ':' || l.name
     from "limit" l
     where l.kind = 'installation' and l.capacity >= 0) as limits,
   r.pool_slots, r.is_backfill
 from task_ready r
 join dag d using (dag_id)
 where not r.is_backfill
   and not d.is_paused
   and (r.limits is null or not r.limits && @full_limits::text[])
   and not array[r.dag_id] && @unloaded_dag_ids::text[]
 order by r.priority_weight desc, r.order_at, r.task_instance_id
 limit @max_tasks::integer)
union all
(select r.task_instance_id, r.dag_run_id,
   coalesce(r.limits, '{}') || array(
     select l.kind || ':' || l.name
     from "limit" l
     where l.kind = 'installation' and l.capacity >= 0) as limits,
   r.pool_slots, r.is_backfill
 from task_ready r
 join dag d using (dag_id)
 where r.is_backfill
   and not d.is_paused
   and (r.limits is null or not r.limits && @full_limits::text[])
   and not array[r.dag_id] && @unloaded_dag_ids::text[]
 order by r.priority_weight desc, r.order_at, r.task_instance_id
 limit @max_tasks::integer);

-- name: LimitLock :many
-- Locks what is counted, in the order of kind and name.
select l.kind, l.name, coalesce(p.slots, l.capacity) as capacity
from "limit" l
left join pool p on l.kind = 'pool' and p.pool = l.name
where (l.kind, l.name) in (select k, n from unnest(@kinds::text[], @names::text[]) as x (k, n))
order by l.kind, l.name
for no key update of l;

-- name: LimitEnsure :exec
-- Creates the rows of limits that nobody has locked before, and follows a changed capacity.
insert into "limit" (kind, name, capacity)
select x.kind, x.name, x.capacity
from unnest(@kinds::text[], @names::text[], @capacities::integer[]) as x (kind, name, capacity)
order by x.kind, x.name
on conflict (kind, name) do update set capacity = excluded.capacity
  where "limit".capacity <> excluded.capacity;

-- name: LimitFull :many
-- Limits that have no slot left, read without their locks: what waits for them need not be looked at. By the keys of the
-- holders, whatever the tables were like when this was planned: task instances are many more.
select l.kind, l.name
from (
  select h.kind, h.name, sum(h.slots) as slots
  from limit_holder h
  where (select i.state from task_instance i where i.task_instance_id = h.task_instance_id) in ('queued', 'running')
  group by h.kind, h.name
) t
join "limit" l using (kind, name)
left join pool p on l.kind = 'pool' and p.pool = l.name
where coalesce(p.slots, l.capacity) >= 0 and t.slots >= coalesce(p.slots, l.capacity);

-- name: LimitFreed :many
-- Limits that ending task instances hold: the slots that come back to each, less what is taken above its capacity. With
-- the first of other runs among as many as those slots could start, of backfills and of the others.
select f.kind, f.name,
  case when coalesce(p.slots, l.capacity) < 0 then f.slots
    else least(f.slots, coalesce(p.slots, l.capacity) - t.taken + f.slots) end as slots,
  n.task_instance_id, n.priority_weight, n.order_at, n.is_backfill
from (
  select kind, name, array[kind || ':' || name] as keys, sum(slots)::integer as slots
  from limit_holder
  where task_instance_id = any(@ended_ids::bigint[])
  group by kind, name
) f
join "limit" l using (kind, name)
left join pool p on l.kind = 'pool' and p.pool = l.name
cross join lateral (
  select coalesce(sum(h.slots), 0)::integer as taken
  from limit_holder h
  where h.kind = f.kind
    and h.name = f.name
    and (select i.state from task_instance i where i.task_instance_id = h.task_instance_id) in ('queued', 'running')
) t
left join lateral (
  select distinct on (x.is_backfill) x.task_instance_id, x.priority_weight, x.order_at, x.is_backfill
  from (
    (select r.task_instance_id, r.dag_run_id, r.priority_weight, r.order_at, r.is_backfill
     from task_ready r
     where not r.is_backfill
       and r.limits @> f.keys
       and not (select d.is_paused from dag d where d.dag_id = r.dag_id)
     order by r.priority_weight desc, r.order_at, r.task_instance_id
     limit f.slots)
    union all
    (select r.task_instance_id, r.dag_run_id, r.priority_weight, r.order_at, r.is_backfill
     from task_ready r
     where r.is_backfill
       and r.limits @> f.keys
       and not (select d.is_paused from dag d where d.dag_id = r.dag_id)
     order by r.priority_weight desc, r.order_at, r.task_instance_id
     limit f.slots)
  ) x
  where x.dag_run_id <> all(@dag_run_ids::bigint[])
  order by x.is_backfill, x.priority_weight desc, x.order_at, x.task_instance_id
) n on true;

-- name: LimitForget :exec
-- Forgets what was counted against limits of a kind that does not apply any more; their locks are held.
delete from limit_holder where kind = @kind::text;

-- name: LimitCount :many
-- Slots taken of each limit, by the tasks of each run in each process, from live task instances; read under the locks.
select h.kind, h.name, i.dag_run_id, i.process_id, h.is_backfill, sum(h.slots)::integer as taken
from limit_holder h
join task_instance i using (task_instance_id)
where (h.kind, h.name) in (select k, n from unnest(@kinds::text[], @names::text[]) as x (k, n))
  and i.state in ('queued', 'running')
group by h.kind, h.name, i.dag_run_id, i.process_id, h.is_backfill;

-- name: LimitHold :exec
-- Records what claimed task instances take.
insert into limit_holder (kind, name, task_instance_id, slots, is_backfill)
select h.kind, h.name, h.task_instance_id, h.slots, h.is_backfill
from unnest(@kinds::text[], @names::text[], @ids::bigint[], @slots::integer[], @are_backfill::boolean[])
  as h (kind, name, task_instance_id, slots, is_backfill)
on conflict (kind, name, task_instance_id) do update
  set slots = excluded.slots, is_backfill = excluded.is_backfill;

-- name: TaskStateRead :one
-- A cursor of a task across runs.
select value
from task_state
where dag_id = @dag_id::text and task_id = @task_id::text
  and map_index = @map_index::integer and key = @key::text;

-- name: TaskLogInsert :exec
-- Log lines of attempts; a line lost in a crash of the server is not worth a flush.
insert into task_log (task_instance_id, try_number, at, level, message, fields)
select l.task_instance_id, l.try_number, l.at, l.level, l.message, l.fields
from jsonb_to_recordset(@lines::jsonb) as l (
  task_instance_id bigint, try_number integer, at timestamptz, level text, message text, fields jsonb);

-- name: TaskInstanceClaim :many
-- Starts ready task instances whose runs are locked; each under a lease of its own. A process that was declared lost
-- starts nothing. They come as they were asked for, best first. Each step finds its rows by the keys of the one before,
-- not by a join: of two lists that would go through all of one for each of the other.
with taken as (
  delete from task_ready
  where task_instance_id = any(@ids::bigint[])
    and exists (select from process p where p.process_id = @process_id::bigint and p.state = 'alive')
  returning task_instance_id, is_backfill
), claimed as (
  update task_instance i
  set state = 'running', reason = null, process_id = @process_id::bigint,
    lease_token = (@leases::uuid[])[array_position(@ids::bigint[], i.task_instance_id)],
    hand_off = i.hand_off + 1, started_at = clock_timestamp(), ended_at = null
  where i.task_instance_id = any(array(select t.task_instance_id from taken t)) and i.state = 'scheduled'
  returning i.*
), bumped as (
  update dag_run r
  set changed = r.changed + 1
  where r.dag_run_id = any(array(select c.dag_run_id from claimed c))
)
select c.task_instance_id, c.dag_run_id, c.task_id, c.map_index, c.state, c.reason, c.try_number,
  c.max_tries, c.cleared_at_try, c.clear_number, c.hand_off, c.infra_retries, c.list_length,
  c.runs_alone, c.choices, c.lease_token, c.process_id, c.ready_at, c.started_at, c.ended_at,
  c.wake_at, c.first_poke_at, c.wake_key, c.woken_by, false as is_ready,
  -- As the run was before this statement, which is as it was when it was locked.
  (select r.changed + 1 from dag_run r where r.dag_run_id = c.dag_run_id) as changed,
  c.task_instance_id = any(array(select t.task_instance_id from taken t where t.is_backfill)) as is_backfill
from claimed c
order by array_position(@ids::bigint[], c.task_instance_id);

-- name: TaskReadyRunsLock :many
-- Locks the running runs of candidates that nobody else works on now. By their keys, and not by the index of running
-- runs: that leads past all that ever ran and that a held snapshot keeps.
select r.dag_run_id
from dag_run r
where r.dag_run_id = any(@dag_run_ids::bigint[]) and coalesce(r.state, '') = 'running'
order by r.dag_run_id
for no key update of r skip locked;

-- name: CommitRelaxed :exec
-- The commit of this transaction does not wait for the disk.
set local synchronous_commit = off;

-- name: TaskInstanceRefuse :exec
-- Fails a task instance whose end could not be stored with what follows from it, and has its run looked at.
with held as (
  select task_instance_id, dag_run_id, ready_at, process_id
  from task_instance
  where task_instance_id = @task_instance_id::bigint and state = 'running' and lease_token = @lease::uuid
),
ended as (
  update task_instance i
  set state = 'failed', reason = 'serialization', ended_at = clock_timestamp(), lease_token = null,
    process_id = null
  from held h
  where i.task_instance_id = h.task_instance_id
  returning i.task_instance_id, i.dag_run_id, i.try_number, i.hand_off, i.clear_number, i.map_index,
    i.task_id, coalesce(h.ready_at, i.started_at, now()) as ready_at, h.process_id,
    coalesce(i.started_at, now()) as started_at, i.ended_at
),
released as (
  delete from limit_holder h using ended e where h.task_instance_id = e.task_instance_id
),
touched as (
  update dag_run r
  set changed = r.changed + 1, needs_decision = true
  from ended e
  where r.dag_run_id = e.dag_run_id
  returning r.dag_run_id, r.dag_id
)
insert into task_try (
  task_instance_id, dag_run_id, try_number, hand_off, clear_number, map_index, process_id,
  ready_at, claimed_at, started_at, ended_at, dag_id, task_id, state, reason, error)
select e.task_instance_id, e.dag_run_id, e.try_number, e.hand_off, e.clear_number, e.map_index,
  e.process_id, e.ready_at, e.started_at, e.started_at, e.ended_at, t.dag_id, e.task_id, 'failed',
  'serialization', @error::jsonb
from ended e
join touched t using (dag_run_id);

-- name: TaskInstanceUnloaded :many
-- Tasks of DAGs that wait until a process has their code, but for those that the next look takes; what sensors wait for
-- is theirs.
select i.task_instance_id, i.dag_run_id
from task_instance i
join dag_run r using (dag_run_id)
where i.wake_at > now()
  and i.state = 'up_for_reschedule'
  and r.dag_id = any(@dag_ids::text[])
  and (r.dag_id, i.task_id) not in (
    select s.dag_id, s.task_id
    from unnest(@sensor_dag_ids::text[], @sensor_task_ids::text[]) as s (dag_id, task_id));

-- name: TaskInstanceNewest :many
-- Those of some task instances whose tasks the newest version of their DAG has.
select i.task_instance_id, r.dag_id, i.task_id
from task_instance i
join dag_run r using (dag_run_id)
join dag d using (dag_id)
join dag_version v on v.dag_version_id = d.dag_version_id
where i.task_instance_id = any(@task_instance_ids::bigint[])
  and d.is_present
  and exists (
    select from jsonb_array_elements(v.manifest -> 'tasks') t where t ->> 'taskId' = i.task_id);

-- name: TaskInstanceOfferAgain :exec
-- Makes task instances due that wait for a time; called under the locks of their runs.
with due as (
  update task_instance
  set wake_at = now()
  where task_instance_id = any(@task_instance_ids::bigint[])
    and state = 'up_for_reschedule'
    and wake_at > now()
  returning dag_run_id
)
update dag_run r
set changed = r.changed + 1
from (select distinct dag_run_id from due) d
where r.dag_run_id = d.dag_run_id;
