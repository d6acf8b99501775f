-- target: dq.rejected_rows
-- grain: one business date that the service has no increment of
-- keys: source, table_name, row_key
-- reads: nothing
-- params: run_id, business_dt, answer
insert into dq.rejected_rows (run_id, source, table_name, row_key, reason_code, severity, payload)
values (
  @run_id::text, 'get_increment', 'staging', @business_dt::text, 'not_found', 'warning',
  @answer::jsonb
)
on conflict on constraint rejected_rows_once do update set
  run_id = excluded.run_id,
  payload = excluded.payload,
  rejected_at = now();
