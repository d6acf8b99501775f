-- target: stage.server_log
-- grain: one row as the source gave it, files: line of a server's log
-- keys: file_name, line_no, not enforced: copies and conflicts are found by the checks
-- reads: nothing
-- params: none
create table if not exists stage.server_log (
  stage_id bigint generated always as identity primary key,
  logged_at text,
  level text,
  service text,
  message text,
  file_name text,
  line_no text,
  load_ts timestamptz not null default now(),
  src_system text not null,
  batch_dt date not null
);
