-- target: dq.rejected_rows
-- grain: one message that no raw table can hold
-- keys: source, table_name, row_key
-- reads: one batch of the topic, parsed
-- params: run_id, rows
with rejected as (
  insert into dq.rejected_rows (
    run_id, source, table_name, row_key, reason_code, severity, payload
  )
  select @run_id::text, source, 'raw', row_key, reason_code, 'error', payload
  from json_to_recordset(@rows::json) as r (
    source text, row_key text, reason_code text, payload jsonb
  )
  on conflict on constraint rejected_rows_once do nothing
  returning 1
)
select count(*) as rows_out
from rejected;
