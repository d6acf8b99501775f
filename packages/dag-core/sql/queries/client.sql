-- name: DagLock :one
-- Locks a DAG, so that nobody else creates a run of it or changes what its runs cover.
select dag_id, is_present
from dag
where dag_id = @dag_id::text
for no key update;

-- name: DagFacts :one
-- A DAG with its present manifest and the time; under the lock, read after it.
select d.dag_id, d.dag_version_id, d.is_paused, d.file, v.manifest_hash, v.manifest,
  clock_timestamp() as now
from dag d
join dag_version v using (dag_version_id)
where d.dag_id = @dag_id::text and d.is_present;

-- name: DagIds :many
-- Ids of the DAGs that files declare, for a suggestion.
select dag_id
from dag
where is_present
order by dag_id;

-- name: DagPause :one
-- Pauses or unpauses a DAG; no row if that is how it is. A DAG that goes on is looked at at once.
update dag
set is_paused = @is_paused::boolean,
  next_run_after = case when @is_paused::boolean then next_run_after else now() end
where dag_id = @dag_id::text and is_paused <> @is_paused::boolean
returning dag_id;

-- name: RunFind :one
-- A run by its ids.
select dag_run_id
from dag_run
where dag_id = @dag_id::text and run_id = @run_id::text;

-- name: RunIdsNear :many
-- The newest run ids of a DAG, for a suggestion.
select run_id
from dag_run
where dag_id = @dag_id::text
order by run_after desc, dag_run_id desc
limit 50;

-- name: RunIdsBetween :many
-- Runs of a DAG by logical date, both bounds included, oldest first.
select run_id
from dag_run
where dag_id = @dag_id::text
  and logical_date >= @from_date::timestamptz
  and logical_date <= @to_date::timestamptz
order by logical_date, dag_run_id;

-- name: RunFacts :one
-- A run with the manifest that it is pinned to; under its lock, read after it.
select r.dag_run_id, r.dag_id, r.run_id, r.run_type, r.state, r.verdict, r.reason, r.logical_date,
  r.data_interval_start, r.data_interval_end, r.interval_bounds, r.run_after, r.backfill_id,
  r.clear_number, v.manifest
from dag_run r
join dag_version v using (dag_version_id)
where r.dag_run_id = @dag_run_id::bigint;

-- name: TaskInstanceStates :many
-- Task instances of a run in brief, for a verb to choose from.
select task_instance_id, task_id, map_index, state, try_number
from task_instance
where dag_run_id = @dag_run_id::bigint
order by task_instance_id;

-- name: TaskInstanceAbort :exec
-- Ends task instances by hand: their attempts lose the lease and are written to the run log as they are.
with ended as (
  select i.task_instance_id, i.dag_run_id, i.try_number, i.hand_off, i.clear_number, i.map_index,
    i.process_id, i.ready_at, i.started_at, i.task_id
  from task_instance i
  where i.task_instance_id = any(@task_instance_ids::bigint[])
    and i.state = 'running'
)
insert into task_try (
  task_instance_id, dag_run_id, try_number, hand_off, clear_number, map_index, process_id,
  ready_at, claimed_at, started_at, ended_at, dag_id, task_id, state, reason)
select e.task_instance_id, e.dag_run_id, e.try_number, e.hand_off, e.clear_number, e.map_index,
  e.process_id, coalesce(e.ready_at, e.started_at, now()), coalesce(e.started_at, now()),
  coalesce(e.started_at, now()), clock_timestamp(), r.dag_id, e.task_id, 'cancelled', 'manual'
from ended e
join dag_run r using (dag_run_id);

-- name: TaskInstanceRelease :exec
-- Takes task instances out of the ready list and gives back what they hold.
with unready as (
  delete from task_ready where task_instance_id = any(@task_instance_ids::bigint[])
)
delete from limit_holder where task_instance_id = any(@task_instance_ids::bigint[]);

-- name: TaskInstanceEnd :many
-- Puts task instances into a final state by hand.
update task_instance
set state = @state::text, reason = 'manual', ended_at = clock_timestamp(), lease_token = null,
  wake_at = null, wake_key = null, process_id = null
where task_instance_id = any(@task_instance_ids::bigint[])
  and state = any(@from_states::text[])
returning task_instance_id;

-- name: TaskInstanceClear :many
-- Forgets the results of task instances, so that they run again with all their tries.
with forgotten as (
  delete from xcom where task_instance_id = any(@task_instance_ids::bigint[])
)
update task_instance i
set state = 'none', reason = null, clear_number = i.clear_number + 1,
  max_tries = i.try_number + c.retries, cleared_at_try = i.try_number, infra_retries = 0,
  choices = null, list_length = null, runs_alone = false, lease_token = null, process_id = null,
  ready_at = null, started_at = null, ended_at = null, wake_at = null,
  first_poke_at = null, wake_key = null
from unnest(@task_instance_ids::bigint[], @retries::integer[]) as c (task_instance_id, retries)
where i.task_instance_id = c.task_instance_id
returning i.task_instance_id;

-- name: TaskInstanceCollapse :exec
-- Makes one instance of each mapped task again, which is expanded by what its upstream yields then. The others are
-- removed until that list turns out to have them.
with ranked as (
  select task_instance_id, max(clear_number) over (partition by task_id) as clear_number,
    row_number() over (partition by task_id order by map_index, task_instance_id) as place
  from task_instance
  where dag_run_id = @dag_run_id::bigint and task_id = any(@task_ids::text[])
)
update task_instance i
set map_index = case when r.place = 1 then -1 else i.map_index end,
  state = case when r.place = 1 then i.state else 'removed' end,
  ended_at = case when r.place > 1 then clock_timestamp() end,
  clear_number = r.clear_number
from ranked r
where i.task_instance_id = r.task_instance_id;

-- name: RunTouch :exec
-- Tells the scheduler that a run was changed: it decides what follows, or whether the run may start now. A run that
-- was stopped goes on.
update dag_run
set changed = changed + 1, needs_decision = state <> 'queued', waits_for_past = false,
  verdict = null, verdict_reason = null
where dag_run_id = @dag_run_id::bigint;

-- name: RunRepin :exec
-- Gives a run that has ended another version of its DAG; what it lacks of that is made when it starts again.
update dag_run
set dag_version_id = @dag_version_id::bigint
where dag_run_id = @dag_run_id::bigint and state in ('success', 'failed', 'cancelled');

-- name: RunRequeue :exec
-- Lets a run that has ended start again, or go on from when it first did. One of a backfill that has ended, or will start
-- nothing more, goes on by itself.
update dag_run r
set state = 'queued', reason = null, ended_at = null, times_out_at = null,
  started_at = case when @keeps_start::boolean then r.started_at end,
  queued_at = case when @keeps_start::boolean then r.queued_at else clock_timestamp() end, clear_number = r.clear_number + 1, changed = r.changed + 1,
  needs_decision = false,
  backfill_id = b.backfill_id,
  backfill_ordinal = case when b.backfill_id is null then null else r.backfill_ordinal end
from dag_run o
left join backfill b on b.backfill_id = o.backfill_id and b.ended_at is null and b.state <> 'cancelling'
where r.dag_run_id = @dag_run_id::bigint
  and o.dag_run_id = r.dag_run_id
  and r.state in ('success', 'failed', 'cancelled');

-- name: RunStop :exec
-- Says how a run ends that was stopped by hand, once the teardowns that are left have run. Where it will have been
-- cancelled, the intervals that it covers are free at once.
with released as (
  delete from dag_run_interval where dag_run_id = @dag_run_id::bigint and @verdict::text = 'cancelled'
)
update dag_run
set verdict = @verdict::text, verdict_reason = 'manual', times_out_at = null, changed = changed + 1,
  needs_decision = true
where dag_run_id = @dag_run_id::bigint and state = 'running';

-- name: RunEnd :exec
-- Puts a run that is not running into a final state by hand.
update dag_run
set state = @state::text, reason = 'manual', ended_at = clock_timestamp(), changed = changed + 1,
  needs_decision = false, waits_for_past = false
where dag_run_id = @dag_run_id::bigint and state <> 'running';

-- name: RunCancel :exec
-- Ends a run by hand and releases the intervals that it covers.
with released as (
  delete from dag_run_interval where dag_run_id = @dag_run_id::bigint
)
update dag_run
set state = 'cancelled', reason = 'manual', ended_at = clock_timestamp(), times_out_at = null,
  verdict = null, verdict_reason = null, changed = changed + 1, needs_decision = false,
  waits_for_past = false
where dag_run_id = @dag_run_id::bigint and state in ('queued', 'running');

-- name: RunIntervalOfRun :one
-- Whether a run covers anything.
select count(*)::integer as intervals
from dag_run_interval
where dag_run_id = @dag_run_id::bigint;

-- name: BackfillLock :one
-- Locks a backfill; its row is read by the next statement.
select backfill_id from backfill where backfill_id = @backfill_id::bigint for no key update;

-- name: WakeUp :exec
-- Tells every process to look now; "cancel" also tells them that attempts may have lost their lease.
select pg_notify('tidemill_wake', @message::text);

-- name: BackfillFacts :one
-- A backfill by its id.
select backfill_id, dag_id, state, from_date, to_date
from backfill
where backfill_id = @backfill_id::bigint;
