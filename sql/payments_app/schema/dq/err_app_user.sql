-- target: dq.err_app_user
-- grain: one row of stage.app_user that a check took out
-- keys: err_id
-- reads: nothing
-- params: none
create table if not exists dq.err_app_user (
  err_id bigint generated always as identity primary key,
  run_id text not null,
  reason_code text not null,
  user_id text,
  full_name text,
  birth_date text,
  gender text,
  address text,
  channel text,
  registered_at text,
  blocked_at text,
  src_system text not null,
  batch_dt date not null,
  rejected_at timestamptz not null default now()
);
create index if not exists err_app_user_by_batch on dq.err_app_user (batch_dt);
