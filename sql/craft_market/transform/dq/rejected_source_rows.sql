-- target: dq.rejected_rows
-- grain: one row that a table of a source could not take
-- keys: source, table_name, row_key
-- reads: nothing
-- params: run_id, source, table_name, rows
with refused as materialized (
  select r.row_key, r.reason_code, r.payload
  from json_to_recordset(@rows::json) as r (row_key text, reason_code text, payload jsonb)
), resolved as (
  delete from dq.rejected_rows d
  where d.source = @source::text
    and d.table_name = @table_name::text
    and not exists (select from refused r where r.row_key = d.row_key)
)
insert into dq.rejected_rows as d (
  run_id, source, table_name, row_key, reason_code, severity, payload
)
select
  @run_id::text, @source::text, @table_name::text, row_key, reason_code, 'error', payload
from refused
on conflict on constraint rejected_rows_once do update set
  run_id = excluded.run_id,
  reason_code = excluded.reason_code,
  payload = excluded.payload,
  rejected_at = now()
where (d.reason_code, d.payload) is distinct from (excluded.reason_code, excluded.payload);
