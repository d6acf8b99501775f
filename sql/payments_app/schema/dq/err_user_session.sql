-- target: dq.err_user_session
-- grain: one row of stage.user_session that a check took out
-- keys: err_id
-- reads: nothing
-- params: none
create table if not exists dq.err_user_session (
  err_id bigint generated always as identity primary key,
  run_id text not null,
  reason_code text not null,
  session_id text,
  user_id text,
  started_at text,
  ended_at text,
  platform text,
  app_version text,
  src_system text not null,
  batch_dt date not null,
  rejected_at timestamptz not null default now()
);
create index if not exists err_user_session_by_batch on dq.err_user_session (batch_dt);
