-- always: no task instance of an ended run is unfinished
select i.task_instance_id, i.state, r.state as run_state
from dag_run r join task_instance i using (dag_run_id)
where r.state in ('success', 'failed', 'cancelled')
  and i.state in ('none', 'scheduled', 'queued', 'running', 'up_for_retry', 'up_for_reschedule', 'deferred');

-- always: what is ready is scheduled, and its run is running
select t.task_instance_id, i.state, r.state as run_state
from task_ready t
left join task_instance i using (task_instance_id)
left join dag_run r on r.dag_run_id = i.dag_run_id
where i.state is distinct from 'scheduled' or r.state is distinct from 'running';

-- always: what belongs to a run or to a task instance has it
select 'task_instance' as of, i.task_instance_id
from task_instance i where not exists (select from dag_run r where r.dag_run_id = i.dag_run_id)
union all
select o.of, o.task_instance_id
from (
  select 'task_ready' as of, task_instance_id from task_ready
  union all
  select 'limit_holder', task_instance_id from limit_holder
  union all
  select 'xcom', task_instance_id from xcom) o
where not exists (select from task_instance i where i.task_instance_id = o.task_instance_id);

-- always: only live task instances hold a limit
select h.kind, h.name, h.task_instance_id, i.state
from limit_holder h join task_instance i using (task_instance_id)
where i.state not in ('queued', 'running');

-- always: no limit is exceeded
select l.kind, l.name, sum(h.slots) as taken, coalesce(p.slots, l.capacity) as capacity
from "limit" l
join limit_holder h using (kind, name)
join task_instance i using (task_instance_id)
left join pool p on l.kind = 'pool' and p.pool = l.name
where i.state in ('queued', 'running')
group by l.kind, l.name, coalesce(p.slots, l.capacity)
having coalesce(p.slots, l.capacity) >= 0 and sum(h.slots) > coalesce(p.slots, l.capacity);

-- always: no DAG runs more than its maxActiveRuns
select r.dag_id, count(*)
from dag_run r join "limit" l on l.kind = 'dag_runs' and l.name = r.dag_id
where r.state = 'running' and r.backfill_id is null and l.capacity >= 0
group by r.dag_id, l.capacity having count(*) > l.capacity;

-- always: tries are within their maximum
select task_instance_id, try_number, max_tries from task_instance where try_number > max_tries + 1;

-- always: a try that ended is in the run log once
select task_instance_id, try_number, hand_off, count(*) from task_try
group by task_instance_id, try_number, hand_off having count(*) > 1;

-- always: no two attempts of a task instance overlap in the run log
select a.task_instance_id, a.hand_off, b.hand_off as other
from task_try a join task_try b using (task_instance_id)
where a.hand_off < b.hand_off and b.claimed_at < a.claimed_at;

-- always: a final failure has its alert
select i.task_instance_id, i.try_number
from task_instance i
join dag_run r using (dag_run_id)
join dag_version v using (dag_version_id)
where i.state = 'failed' and coalesce(i.reason, '') not in ('manual', 'run_timeout', 'fail_fast')
  and (v.manifest -> 'alerts' ->> 'onFailure')::boolean
  and (select count(*) from alert a where a.kind = 'task_instance.failed'
    and a.task_instance_id = i.task_instance_id and a.clear_number = i.clear_number) <> 1;

-- always: a failed run has its alert
select r.dag_run_id
from dag_run r join dag_version v using (dag_version_id)
where r.state = 'failed' and (v.manifest -> 'alerts' ->> 'onFailure')::boolean
  and (select count(*) from alert a where a.kind = 'dag_run.failed'
    and a.dag_run_id = r.dag_run_id and a.clear_number = r.clear_number) <> 1;

-- always: nothing that succeeded is told as a failure
select a.alert_id from alert a join task_instance i using (task_instance_id)
where a.kind = 'task_instance.failed' and i.state = 'success' and i.clear_number = a.clear_number;

-- always: intervals of a DAG do not overlap
select a.dag_id, a.interval_start, b.interval_start as other
from dag_run_interval a join dag_run_interval b using (dag_id)
where a.interval_start < b.interval_start and a.interval_end > b.interval_start;

-- always: a run is never older than what was decided about it
select dag_run_id from dag_run where decided > changed;

-- always: an ended backfill has no unfinished run
select b.backfill_id from backfill b join dag_run r using (backfill_id)
where b.ended_at is not null and r.state in ('queued', 'running');

-- at rest: no run is unfinished
select dag_id, run_id, state from dag_run where state in ('queued', 'running');

-- at rest: nothing is ready
select task_instance_id, dag_run_id from task_ready;

-- at rest: nothing holds a limit
select kind, name, task_instance_id from limit_holder;

-- at rest: no backfill is left without an end
select backfill_id from backfill b where ended_at is null and not exists (
  select from dag_run r where r.backfill_id = b.backfill_id and r.state in ('queued', 'running'));

-- at rest: no run waits for a decision
select dag_run_id from dag_run where needs_decision;

-- always: what is scheduled is ready, or held back by a limit of its run
select i.task_instance_id, i.task_id
from task_instance i
join dag_run r using (dag_run_id)
join dag_version v using (dag_version_id)
left join task_ready t using (task_instance_id)
where i.state = 'scheduled' and r.state = 'running' and t.task_instance_id is null
  and not r.needs_decision
  and v.manifest -> 'maxActiveTasks' is null
  and not exists (
    select from jsonb_array_elements(v.manifest -> 'tasks') as task
    where task ->> 'taskId' = i.task_id and task -> 'maxActive' is not null);

-- always: what runs runs under a process
select i.task_instance_id from task_instance i
left join process p using (process_id)
where i.state = 'running' and p.process_id is null;

-- always: an interval has one run
select dag_id, logical_date, data_interval_end, array_agg(run_id) as runs
from dag_run
where logical_date is not null and state <> 'cancelled' and run_type <> 'manual'
  -- A run of several intervals that failed has left them to runs of their own.
  and (interval_bounds is null
    or exists (select from dag_run_interval i where i.dag_run_id = dag_run.dag_run_id))
group by dag_id, logical_date, data_interval_end
having count(*) > 1;

-- always: with catchup all no interval is left out
select c.dag_id, c.interval_end as gap_start, c.next_start as gap_end
from (
  select i.dag_id, i.interval_end, r.run_type,
    i.interval_start = i.interval_end as is_instant,
    lead(i.interval_start) over by_time as next_start,
    lead(i.interval_start = i.interval_end) over by_time as next_is_instant
  from dag_run_interval i
  join dag_run r using (dag_run_id)
  window by_time as (partition by i.dag_id order by i.interval_start, i.interval_end)
) c
join dag d on d.dag_id = c.dag_id
join dag_version v using (dag_version_id)
where v.manifest ->> 'catchup' = 'all'
  and c.run_type = 'scheduled'
  and c.next_start > c.interval_end
  -- Between instants lies nothing that a run could be about.
  and not c.is_instant and not c.next_is_instant
  and c.next_start <= d.last_interval_start
  and not exists (
    select from dag_run r
    where r.dag_id = c.dag_id and r.state = 'cancelled'
      and r.data_interval_start < c.next_start and r.data_interval_end > c.interval_end);

-- always: no run is made before its time
select dag_id, run_id, run_after, queued_at
from dag_run
where run_type = 'scheduled' and queued_at < run_after;

-- always: what is next is later than what was last
select dag_id, last_interval_end, next_run_after
from dag
where next_run_after < last_interval_end;

-- always: a lease belongs to one attempt
select lease_token, array_agg(task_instance_id) as task_instances
from task_instance
where lease_token is not null
group by lease_token
having count(*) > 1;

-- always: a try ends with one verdict
select task_instance_id, clear_number, try_number, array_agg(state || coalesce(' ' || reason, '')) as verdicts
from task_try
where error ->> 'class' is distinct from 'Lost' or state <> 'up_for_retry'
group by task_instance_id, clear_number, try_number
having count(*) > 1;

-- always: nothing runs again after its verdict, unless it was cleared
select a.task_instance_id, a.try_number, a.state, b.try_number as later_try, b.state as later_state
from task_try a
join task_try b using (task_instance_id, clear_number)
where a.state in ('success', 'failed', 'skipped', 'removed') and b.hand_off > a.hand_off;

-- always: a later try follows one that was to be retried
select b.task_instance_id, b.try_number
from task_try b
join task_instance i using (task_instance_id)
where b.try_number > i.cleared_at_try + 1
  and b.clear_number = i.clear_number
  and not exists (
    select from task_try a
    where a.task_instance_id = b.task_instance_id and a.try_number = b.try_number - 1
      and a.state = 'up_for_retry');

-- always: what an attempt decided is what its task instance says
select i.task_instance_id, i.state, t.state as said
from task_instance i
join task_try t using (task_instance_id, try_number, hand_off, clear_number)
where i.state in ('success', 'failed')
  and i.reason is distinct from 'manual'
  and t.state <> i.state;

-- always: a task that ended by an attempt has the record of that attempt
select i.task_instance_id, i.state, i.reason, i.try_number, i.hand_off
from task_instance i
where (i.state = 'success' or (i.state = 'failed' and i.reason in ('error', 'exit', 'lease_lost', 'out_of_memory', 'serialization')))
  and i.reason is distinct from 'manual'
  and not exists (
    select from task_try t
    where t.task_instance_id = i.task_instance_id and t.try_number = i.try_number
      and t.hand_off = i.hand_off and t.state = i.state);

-- always: nothing starts before what it follows has ended as its rule asks
select i.task_instance_id, i.task_id, i.started_at, u.task_id as upstream, u.ended_at
from task_instance i
join dag_run r using (dag_run_id)
join dag_version v using (dag_version_id)
cross join lateral jsonb_array_elements(v.manifest -> 'tasks') as m (task)
cross join lateral jsonb_array_elements_text(m.task -> 'upstream') as a (task_id)
join task_instance u on u.dag_run_id = i.dag_run_id and u.task_id = a.task_id
where m.task ->> 'taskId' = i.task_id
  and m.task ->> 'triggerRule' = 'all_success'
  and i.state in ('running', 'success')
  and i.reason is distinct from 'manual'
  and u.state not in ('success', 'removed')
  and i.clear_number = u.clear_number;

-- always: a mapped task has an instance for each item
select i.dag_run_id, i.task_id, count(*) as instances, l.list_length
from task_instance i
join dag_run r using (dag_run_id)
join dag_version v using (dag_version_id)
cross join lateral jsonb_array_elements(v.manifest -> 'tasks') as m (task)
join task_instance l
  on l.dag_run_id = i.dag_run_id and l.task_id = m.task -> 'over' ->> 'task' and l.map_index = -1
where m.task ->> 'taskId' = i.task_id
  and l.state = 'success'
  and l.list_length > 0
  and i.map_index >= 0
  and i.state <> 'removed'
group by i.dag_run_id, i.task_id, l.list_length
having count(*) <> l.list_length;

-- always: a run that succeeded has no failed leaf
select r.dag_id, r.run_id, i.task_id, i.state
from dag_run r
join dag_version v using (dag_version_id)
join task_instance i using (dag_run_id)
where r.state = 'success'
  and i.state in ('failed', 'upstream_failed', 'cancelled')
  and not exists (
    select from jsonb_array_elements(v.manifest -> 'tasks') as m (task)
    where m.task -> 'upstream' ? i.task_id);

-- always: everything unfinished has something that will move it
select i.task_instance_id, i.task_id, i.state, i.wake_at, p.state as process
from task_instance i
join dag_run r using (dag_run_id)
left join process p using (process_id)
where r.state = 'running' and not r.needs_decision
  and (
    (i.state in ('up_for_retry', 'up_for_reschedule') and i.wake_at < now() - interval '1 minute')
    or (i.state = 'running' and p.state = 'alive' and p.heartbeat_at < now() - interval '1 minute')
    or (i.state = 'running' and p.state <> 'alive' and p.ended_at < now() - interval '1 minute'));

-- always: the times of a try are in their order, by the clock of the database
select task_instance_id, try_number, hand_off, ready_at, claimed_at, started_at, ended_at
from task_try
where not (ready_at <= claimed_at and claimed_at <= started_at and started_at <= ended_at and ended_at <= clock_timestamp());
