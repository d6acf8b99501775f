-- target: etl.watermarks
-- grain: one source table as read by one target table
-- keys: target_table, source_table
-- reads: nothing
-- params: none
create table if not exists etl.watermarks (
  target_table text not null,
  source_table text not null,
  last_id bigint not null constraint watermarks_last_id_natural check (last_id >= 0),
  updated_at timestamptz not null default now(),
  primary key (target_table, source_table)
);
