-- target: etl.extract_log
-- grain: one query at a source
-- keys: extract_log_id
-- reads: nothing
-- params: run_id, batch_dt, source, table_name, mode, started_at, finished_at, rows
insert into etl.extract_log (
  run_id, batch_dt, source, table_name, mode, started_at, finished_at, rows
)
values (
  @run_id::text, @batch_dt::date, @source::text, @table_name::text, @mode::text,
  @started_at::timestamptz, @finished_at::timestamptz, @rows::bigint
);
