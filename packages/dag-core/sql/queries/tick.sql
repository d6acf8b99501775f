-- name: TickDue :one
-- The clock of the database, and what there is to do: each answer is the first entry of an index that is empty where
-- there is nothing. "has_rest" is everything but queued runs.
select clock_timestamp() as now,
  exists (select from dag_run where state = 'queued' and not waits_for_past) as has_queued,
  exists (select from dag_run where needs_decision)
    or exists (select from request)
    or exists (select from wake)
    or exists (select from asset_pending)
    or exists (select from task_instance where wake_at <= now())
    or exists (select from dag where not is_paused and is_present and next_run_after <= now())
    or exists (select from dag_run where times_out_at <= now() and state = 'running')
    or exists (select from past_wait where is_due or not is_settled or past_dag_run_id is null)
    or exists (
      select from process
      where state = 'alive' and heartbeat_at < now() - @lease_ms::bigint * interval '1 millisecond')
    as has_rest;
