-- target: dq.err_app_event
-- grain: one row of stage.app_event that a check took out
-- keys: err_id
-- reads: nothing
-- params: none
create table if not exists dq.err_app_event (
  err_id bigint generated always as identity primary key,
  run_id text not null,
  reason_code text not null,
  event_id text,
  user_id text,
  session_id text,
  event_ts text,
  event_name text,
  screen text,
  product_code text,
  props text,
  src_system text not null,
  batch_dt date not null,
  rejected_at timestamptz not null default now()
);
create index if not exists err_app_event_by_batch on dq.err_app_event (batch_dt);
