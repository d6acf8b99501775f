-- target: etl.loaded_parts
-- grain: one part that is in every layer
-- keys: part
-- reads: nothing
-- params: none
create table if not exists etl.loaded_parts (
  part int primary key constraint loaded_parts_part_positive check (part > 0),
  run_id text not null,
  loaded_at timestamptz not null default now()
);
