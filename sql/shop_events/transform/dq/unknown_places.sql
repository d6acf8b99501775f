-- target: dq.rejected_rows
-- grain: one user whom geo_analysis leaves out, with the place that is none
-- keys: source, table_name, row_key
-- reads: dds.users
-- params: run_id
delete from dq.rejected_rows
where source = 'dds.users'
  and table_name = 'data_mart.geo_analysis';

insert into dq.rejected_rows (run_id, source, table_name, row_key, reason_code, severity, payload)
select
  @run_id::text,
  'dds.users',
  'data_mart.geo_analysis',
  u.user_id::text,
  'place_unknown',
  'warning',
  jsonb_build_object('city', u.city, 'country', u.country)
from dds.users u
where (
    u.city not in ('', 'Unknown', 'Antarctica')
    and u.country not in ('', 'Unknown', 'Antarctica')
  ) is not true
order by u.user_id;

select count(*) as rows_filtered
from dq.rejected_rows
where source = 'dds.users'
  and table_name = 'data_mart.geo_analysis';
