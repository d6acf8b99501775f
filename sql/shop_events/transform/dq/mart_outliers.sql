-- target: dq.rejected_rows
-- grain: one value of a mart that is out of its usual range
-- keys: source, table_name, row_key
-- reads: the rows that quality/<mart>.sql found in ClickHouse
-- params: run_id, table_name, rows
delete from dq.rejected_rows
where source = 'data_mart'
  and table_name = @table_name::text;

insert into dq.rejected_rows (run_id, source, table_name, row_key, reason_code, severity, payload)
select
  @run_id::text,
  'data_mart',
  @table_name::text,
  r.row_key || ':' || r.reason_code,
  r.reason_code,
  'warning',
  jsonb_build_object('value', r.value)
from json_to_recordset(@rows::json) as r (row_key text, reason_code text, value text);
