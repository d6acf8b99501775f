-- target: stage.app_event
-- grain: one row as the source gave it, payments: event of the app
-- keys: event_id, not enforced: copies and conflicts are found by the checks
-- reads: nothing
-- params: none
create table if not exists stage.app_event (
  stage_id bigint generated always as identity primary key,
  event_id text,
  user_id text,
  session_id text,
  event_ts text,
  event_name text,
  screen text,
  product_code text,
  props text,
  load_ts timestamptz not null default now(),
  src_system text not null,
  batch_dt date not null
);
