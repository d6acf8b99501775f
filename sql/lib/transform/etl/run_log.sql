-- target: etl.run_log
-- grain: one finished attempt of a load
-- keys: run_log_id
-- reads: nothing
-- params: run_id, pipeline, task, business_dt, started_at, status, rows_in, rows_out, rows_rejected, rows_duplicate, rows_filtered, error
insert into etl.run_log (
  run_id, pipeline, task, business_dt, started_at, finished_at, status,
  rows_in, rows_out, rows_rejected, rows_duplicate, rows_filtered, error
)
values (
  @run_id::text, @pipeline::text, @task::text, @business_dt::date, @started_at::timestamptz, now(),
  @status::text, @rows_in::bigint, @rows_out::bigint, @rows_rejected::bigint,
  @rows_duplicate::bigint, @rows_filtered::bigint, @error::text
);
