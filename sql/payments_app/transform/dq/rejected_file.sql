-- target: dq.rejected_rows
-- grain: one file that cannot be read
-- keys: business_dt, table_name, row_key
-- reads: nothing
-- params: run_id, business_dt, file_name, reason
insert into dq.rejected_rows (
  run_id, business_dt, source, table_name, row_key, reason_code, severity, payload
)
values (
  @run_id::text, @business_dt::date, 'files', 'file', @file_name::text, 'file_unreadable', 'error',
  jsonb_build_object('message', @reason::text)
);
