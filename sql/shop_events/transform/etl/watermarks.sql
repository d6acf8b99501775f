-- target: etl.watermarks
-- grain: one source table as read by one target table
-- keys: target_table, source_table
-- reads: the ranges of the load that is being committed
-- params: target_table, rows
insert into etl.watermarks as w (target_table, source_table, last_id)
select @target_table::text, r.source_table, r.to_id
from json_to_recordset(@rows::json) as r (source_table text, to_id bigint)
on conflict (target_table, source_table) do update set
  last_id = excluded.last_id,
  updated_at = now()
where excluded.last_id > w.last_id;
