-- name: DagRegister :many
-- Stores the manifests that were loaded. A DAG whose manifest changed is due at once, so that its schedule is read anew.
with loaded as (
  select *
  from jsonb_to_recordset(@dags::jsonb) as l (dag_id text, file text, hash text, manifest jsonb)
), version as (
  insert into dag_version (dag_id, manifest_hash, manifest)
  select dag_id, hash, manifest from loaded
  -- No column of a key: that would lock the version against the runs that are created of it just now.
  on conflict (dag_id, manifest_hash) do update set manifest = dag_version.manifest
  returning dag_version_id, dag_id
), registered as (
  insert into dag (dag_id, dag_version_id, file, is_paused, next_run_after)
  select v.dag_id, v.dag_version_id, l.file, @paused_at_creation::boolean, now()
  from version v
  join loaded l using (dag_id)
  order by v.dag_id
  on conflict (dag_id) do update
    set dag_version_id = excluded.dag_version_id, file = excluded.file, is_present = true,
      loaded_at = now(),
      next_run_after = case
        when dag.dag_version_id <> excluded.dag_version_id or not dag.is_present
        then excluded.next_run_after else dag.next_run_after end
  returning dag_id, dag_version_id
)
select r.dag_id, r.dag_version_id
from registered r;

-- name: DagForget :exec
-- Marks the DAGs that no file declares any more; a DAG whose file could not be imported is kept.
update dag
set is_present = false
where is_present
  and dag_id <> all(@dag_ids::text[])
  and file <> all(@failed_files::text[]);

-- name: ImportErrorReplace :exec
-- The files that cannot be imported, and only those.
with gone as (
  delete from import_error where file <> all(@files::text[])
)
insert into import_error (file, message)
select f.file, f.message
from unnest(@files::text[], @messages::text[]) as f (file, message)
on conflict (file) do update set message = excluded.message, noticed_at = now()
  where import_error.message <> excluded.message;

-- name: DagVersionOf :many
-- Manifests by version.
select dag_version_id, manifest_hash, manifest
from dag_version
where dag_version_id = any(@dag_version_ids::bigint[]);

-- name: DagLockDue :many
-- Locks the DAGs whose next run is due, leaving those that another scheduler holds.
select dag_id, dag_version_id, last_interval_start, last_interval_end, now() as now
from dag
where not is_paused and is_present and next_run_after <= @now::timestamptz
order by next_run_after, dag_id
limit @max_dags::integer
for no key update skip locked;

-- name: DagCountActive :many
-- Scheduled and manual runs of DAGs that have not ended; those that wait for their past are queued too.
select d.dag_id, (
  (select count(*) from dag_run r
   where r.dag_id = d.dag_id and coalesce(r.backfill_id, 0) = 0 and r.state = 'queued' and not r.waits_for_past)
  + (select count(*) from dag_run r
   where r.dag_id = d.dag_id and coalesce(r.backfill_id, 0) = 0 and r.waits_for_past)
  + (select count(*) from dag_run r
   where r.dag_id = d.dag_id and coalesce(r.backfill_id, 0) = 0 and r.state = 'running'))::integer as active
from unnest(@dag_ids::text[]) as d (dag_id);

-- name: DagScheduled :exec
-- Where schedules stand after their due runs were created; called under the locks of the dag rows, or for one.
update dag d
set last_interval_start = coalesce(s.last_interval_start, d.last_interval_start),
  last_interval_end = coalesce(s.last_interval_end, d.last_interval_end),
  next_run_after = s.next_run_after
from unnest(@dag_ids::text[], @last_interval_starts::timestamptz[],
  @last_interval_ends::timestamptz[], @next_run_afters::timestamptz[])
  as s (dag_id, last_interval_start, last_interval_end, next_run_after)
where d.dag_id = s.dag_id;

-- name: DagMakeDue :exec
-- Looks at the schedule of DAGs again: a run of theirs has ended. Locked in the order of their ids, as all others do.
with ended as (
  select d.dag_id
  from dag d
  where d.dag_id = any(@dag_ids::text[]) and d.is_present
    and (d.next_run_after is null or d.next_run_after > now())
  order by d.dag_id
  for no key update
)
update dag
set next_run_after = now()
from ended
where dag.dag_id = ended.dag_id;

-- name: ScheduleGapInsert :exec
-- Notes a span of intervals that the schedule passed over.
insert into schedule_gap (dag_id, gap_start, gap_end, intervals)
values (@dag_id::text, @gap_start::timestamptz, @gap_end::timestamptz, @intervals::integer)
on conflict (dag_id, gap_start) do nothing;

-- name: EventInsert :exec
-- What happened and who did it.
insert into event (name, actor, dag_id, dag_run_id, task_instance_id, details)
values (@name::text, @actor::text, @dag_id::text, @dag_run_id::bigint, @task_instance_id::bigint,
  @details::jsonb);

-- name: PartitionEnsure :many
-- Creates the monthly partitions that are not there: this month and the next two. One process at a time looks after
-- partitions, so that none creates or drops what another one does.
with turn as materialized (select pg_advisory_xact_lock(hashtext('tidemill partitions')))
select parent, partition_ensure(parent, (now() + n * interval '1 month')::date) as created
from turn, unnest(array['task_try', 'task_log', 'event']) as parent, generate_series(0, 2) as n;

-- name: RetentionDrop :many
-- Drops the partitions of logs, tries and events whose month ended before their time; tries stay as long as runs.
with turn as materialized (select pg_advisory_xact_lock(hashtext('tidemill partitions')))
select parent, partition_drop_before(parent, (now() - days * interval '1 day')::date) as dropped
from turn, (values ('task_log', @log_days::integer), ('task_try', @run_days::integer), ('event', @event_days::integer))
  as retention (parent, days);

-- name: RetentionDeleteRuns :exec
-- Deletes runs that ended long ago, in slices; what they covered goes with them, so the newest of a DAG stays.
delete from dag_run r
where r.dag_run_id = any(array(
    select o.dag_run_id
    from dag d
    cross join lateral (
      select n.run_after from dag_run n where n.dag_id = d.dag_id order by n.run_after desc limit 1) newest
    cross join lateral (
      select o.dag_run_id
      from dag_run o
      where o.dag_id = d.dag_id
        and o.run_after < least(newest.run_after, now() - @run_days::integer * interval '1 day')
        and o.ended_at < now() - @run_days::integer * interval '1 day'
      order by o.run_after
      limit 200) o
    limit 200))
  and r.ended_at < now() - @run_days::integer * interval '1 day';

-- name: RetentionDeleteBackfillRuns :exec
-- Deletes what was decided for each interval of backfills that ended long ago and have no run left, in slices.
delete from backfill_run e
using (
  select o.backfill_id, o.ordinal
  from backfill b
  join backfill_run o using (backfill_id)
  where b.ended_at < now() - @run_days::integer * interval '1 day'
    and not exists (select from dag_run r where r.backfill_id = b.backfill_id)
  limit 2000) oldest
where e.backfill_id = oldest.backfill_id and e.ordinal = oldest.ordinal;

-- name: RetentionDeleteBackfills :exec
-- Deletes the backfills of which neither runs nor intervals are left, with their limits.
with forgotten as (
  delete from backfill b
  where b.ended_at < now() - @run_days::integer * interval '1 day'
    and not exists (select from dag_run r where r.backfill_id = b.backfill_id)
    and not exists (select from backfill_run e where e.backfill_id = b.backfill_id)
  returning b.backfill_id
)
delete from "limit" l
using forgotten f
where l.kind = 'backfill_runs' and l.name = f.backfill_id::text;

-- name: RetentionDeleteAlerts :exec
-- Deletes the oldest alerts, in slices, with what became of them. After four days none is on its way any more.
delete from alert a
using (select o.alert_id, o.created_at from alert o order by o.alert_id limit 2000) oldest
where a.alert_id = oldest.alert_id
  and oldest.created_at < now() - greatest(@event_days::integer, 4) * interval '1 day';

-- name: RetentionDeleteProcesses :exec
-- Deletes the processes that ended before any try that is still kept.
delete from process
where state <> 'alive' and ended_at < now() - (@run_days::integer + 31) * interval '1 day';
