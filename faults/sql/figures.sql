-- name: Mark :one
-- Where a row of the matrix begins.
select coalesce(max(dag_run_id), 0)::text as mark from dag_run;

-- name: ProcessesOf :many
-- Every registration of some processes of the operating system.
select process_id from process where pid = any(@pids::integer[]);

-- name: HasRecovered :one
-- Whether nothing waits for the victims any more, and whether the schedule goes on.
select
  not exists (
    select from task_instance where state = 'running' and process_id = any(@victims::bigint[])
  ) and not exists (
    select from task_try t
    join task_instance i using (task_instance_id)
    join dag_run r on r.dag_run_id = i.dag_run_id
    where t.process_id = any(@victims::bigint[])
      and t.error ->> 'class' = 'Lost'
      and i.state = 'scheduled' and r.state = 'running'
  ) as is_taken_over,
  exists (
    select from dag_run
    where dag_id = 'ticker' and state = 'success' and queued_at >= @since::timestamptz
  ) as is_scheduling;

-- name: Now :one
-- The clock of the database.
select clock_timestamp() as now;

-- name: IsUnderWay :one
-- Whether so many processes carry attempts that last.
select count(distinct process_id) >= @members::integer as is_so
from task_instance
where state = 'running' and task_id = 'long';

-- name: IsQuiet :one
-- Whether every run has ended and every alert has reached its channel.
select not exists (select from dag_run where state in ('queued', 'running'))
  and not exists (select from alert where not is_routed)
  and not exists (select from alert_delivery where state not in ('sent', 'failed')) as is_quiet;

-- name: Counts :one
-- What the ledger and the run log say of the runs of a row.
with run as (
  select * from dag_run where dag_run_id > @mark::bigint
), effect as (
  select e.run_id, e.task_id, e.map_index, count(*) as times
  from ledger.effect e
  where e.run_id in (select run_id from run)
  group by e.run_id, e.task_id, e.map_index
), told as (
  select d.*
  from alert a
  join alert_delivery d using (alert_id)
  where a.dag_run_id > @mark::bigint
)
select
  (select coalesce(sum(times - 1), 0)::integer from effect) as doubled,
  (
    select count(*)::integer
    from run r
    join task_instance i using (dag_run_id)
    left join effect e on e.run_id = r.run_id and e.task_id = i.task_id and e.map_index = i.map_index
    where i.state = 'success' and i.task_id <> 'bad' and e.run_id is null
  ) as effects_missing,
  (
    select count(*)::integer
    from run
    where state <> case
        when dag_id = any(@failing::text[]) then 'failed'
        when dag_id = any(@cancelled::text[]) then 'cancelled'
        else 'success'
      end
      and state not in ('queued', 'running')
  ) as ended_otherwise,
  (
    select count(*)::integer
    from run r
    join task_instance i using (dag_run_id)
    where i.state in ('none', 'scheduled', 'queued', 'running', 'up_for_retry', 'up_for_reschedule', 'deferred')
  ) + (select count(*)::integer from run where state = 'queued') as stuck,
  (
    select count(*)::integer from task_try t
    where t.dag_run_id > @mark::bigint and t.error ->> 'class' = 'Lost'
  ) as tries_lost,
  (
    select count(*)::integer from task_try t
    where t.dag_run_id > @mark::bigint and t.reason = 'lease_lost'
      and t.process_id <> all(@victims::bigint[])
  ) as bystanders_lost,
  (
    select count(*)::integer
    from task_try t
    where t.dag_run_id > @mark::bigint and t.dag_id <> 'fails' and t.error ->> 'class' <> 'Lost'
      and t.state in ('up_for_retry', 'failed')
  ) as tries_failed,
  (
    select count(*)::integer
    from run r
    join task_instance i using (dag_run_id)
    where i.state = 'success' or (i.state = 'cancelled' and i.hand_off > 0)
  ) as succeeded,
  (
    select count(*)::integer from run r
    where r.state = 'failed'
      and not exists (
        select from alert a
        join alert_delivery d using (alert_id)
        where a.dag_run_id = r.dag_run_id and a.kind = 'dag_run.failed' and d.state = 'sent')
  ) as alerts_missing,
  (select count(distinct message_ref)::integer from told) as messages,
  (
    select coalesce(sum(unanswered), 0)::integer
    from (select distinct on (message_ref) unanswered from told order by message_ref, unanswered desc) s
  ) as unanswered,
  (select coalesce(array_agg(run_id), '{}') from run) as run_ids;
