-- target: stage.app_user
-- grain: one row as the source gave it, oracle: user of the app
-- keys: user_id, not enforced: copies and conflicts are found by the checks
-- reads: nothing
-- params: none
create table if not exists stage.app_user (
  stage_id bigint generated always as identity primary key,
  user_id text,
  full_name text,
  birth_date text,
  gender text,
  address text,
  channel text,
  registered_at text,
  blocked_at text,
  load_ts timestamptz not null default now(),
  src_system text not null,
  batch_dt date not null
);
