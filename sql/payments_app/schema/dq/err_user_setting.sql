-- target: dq.err_user_setting
-- grain: one row of stage.user_setting that a check took out
-- keys: err_id
-- reads: nothing
-- params: none
create table if not exists dq.err_user_setting (
  err_id bigint generated always as identity primary key,
  run_id text not null,
  reason_code text not null,
  user_id text,
  name text,
  value text,
  updated_at text,
  src_system text not null,
  batch_dt date not null,
  rejected_at timestamptz not null default now()
);
create index if not exists err_user_setting_by_batch on dq.err_user_setting (batch_dt);
