-- target: dq.rejected_rows
-- grain: one session that session_analytics leaves out, because it ends before it starts
-- keys: source, table_name, row_key
-- reads: dds.sessions
-- params: run_id
delete from dq.rejected_rows
where source = 'dds.sessions'
  and table_name = 'data_mart.session_analytics';

insert into dq.rejected_rows (run_id, source, table_name, row_key, reason_code, severity, payload)
select
  @run_id::text,
  'dds.sessions',
  'data_mart.session_analytics',
  s.session_id::text,
  'end_before_start',
  'warning',
  jsonb_build_object('start_ts', s.start_ts, 'end_ts', s.end_ts)
from dds.sessions s
where s.end_ts < s.start_ts
order by s.session_id;

select count(*) as rows_filtered
from dds.sessions s
where (s.end_ts >= s.start_ts) is not true;
