-- target: etl.run_log
-- grain: one finished attempt of a load, failed ones included
-- keys: run_log_id
-- reads: nothing
-- params: none
create table if not exists etl.run_log (
  run_log_id bigint generated always as identity primary key,
  run_id text not null,
  pipeline text not null,
  task text not null,
  business_dt date not null,
  started_at timestamptz not null,
  finished_at timestamptz not null,
  status text not null constraint run_log_status_known check (status in ('success', 'failed')),
  rows_in bigint not null default 0,
  rows_out bigint not null default 0,
  rows_rejected bigint not null default 0,
  rows_duplicate bigint not null default 0,
  rows_filtered bigint not null default 0,
  error text,
  constraint run_log_error_iff_failed check ((status = 'failed') = (error is not null)),
  constraint run_log_rows_add_up check (
    rows_in = rows_out + rows_rejected + rows_duplicate + rows_filtered
  )
);
create index if not exists run_log_by_task on etl.run_log (task, finished_at desc);
