-- target: stage.control_total
-- grain: what the source says of the transactions of the window, by status
-- keys: status
-- reads: nothing
-- params: none
create table if not exists stage.control_total (
  stage_id bigint generated always as identity primary key,
  status text,
  row_count text,
  amount text,
  load_ts timestamptz not null default now(),
  src_system text not null,
  batch_dt date not null
);
