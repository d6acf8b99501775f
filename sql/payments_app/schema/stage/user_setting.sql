-- target: stage.user_setting
-- grain: one row as the source gave it, oracle: setting of a user
-- keys: user_id, name, not enforced: copies and conflicts are found by the checks
-- reads: nothing
-- params: none
create table if not exists stage.user_setting (
  stage_id bigint generated always as identity primary key,
  user_id text,
  name text,
  value text,
  updated_at text,
  load_ts timestamptz not null default now(),
  src_system text not null,
  batch_dt date not null
);
