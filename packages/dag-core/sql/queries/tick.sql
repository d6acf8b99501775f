-- name: TickDue :one
-- The clock of the database, and what there is to do: each answer is the first entry of an index that is empty where
-- there is nothing. It asks for the first in the order of that index, and not whether there is one: the planner, as long
-- as it has no statistics, would look for one by reading the table. "has_rest" is everything but queued runs.
-- "next_run_after" is the next moment of a schedule, and none that has come: what is due still could not be done.
select clock_timestamp() as now,
  coalesce((
    select true from dag_run where state = 'queued' and not waits_for_past
    order by dag_id desc, coalesce(backfill_id, 0) desc, coalesce(backfill_ordinal, 0) desc, run_after desc,
      dag_run_id desc
    limit 1), false) as has_queued,
  coalesce(
    (select true from dag_run where needs_decision order by dag_run_id limit 1)
    or exists (select from request)
    or exists (select from wake)
    or exists (select from asset_due)
    or (select true from task_instance where wake_at <= now() order by wake_at limit 1)
    or (
      select true from dag where not is_paused and is_present and next_run_after <= now()
      order by next_run_after limit 1)
    or (
      select true from dag_run where times_out_at <= now() and state = 'running'
      order by times_out_at limit 1)
    or exists (select from past_wait where is_due or not is_settled or past_dag_run_id is null)
    or exists (
      select from process
      where state = 'alive' and heartbeat_at < now() - @lease_ms::bigint * interval '1 millisecond'),
    false) as has_rest,
  (
    select next_run_after from dag where not is_paused and is_present and next_run_after > now()
    order by next_run_after limit 1) as next_run_after;
