-- target: stage.user_session
-- grain: one row as the source gave it, oracle: session of a user
-- keys: session_id, not enforced: copies and conflicts are found by the checks
-- reads: nothing
-- params: none
create table if not exists stage.user_session (
  stage_id bigint generated always as identity primary key,
  session_id text,
  user_id text,
  started_at text,
  ended_at text,
  platform text,
  app_version text,
  load_ts timestamptz not null default now(),
  src_system text not null,
  batch_dt date not null
);
