-- target: dq.err_server_log
-- grain: one row of stage.server_log that a check took out
-- keys: err_id
-- reads: nothing
-- params: none
create table if not exists dq.err_server_log (
  err_id bigint generated always as identity primary key,
  run_id text not null,
  reason_code text not null,
  logged_at text,
  level text,
  service text,
  message text,
  file_name text,
  line_no text,
  src_system text not null,
  batch_dt date not null,
  rejected_at timestamptz not null default now()
);
create index if not exists err_server_log_by_batch on dq.err_server_log (batch_dt);
