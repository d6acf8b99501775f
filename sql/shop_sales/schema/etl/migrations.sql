-- target: etl.migrations
-- grain: one migration that is applied
-- keys: migration
-- reads: nothing
-- params: none
create table if not exists etl.migrations (
  migration text primary key,
  applied_at timestamptz not null default now()
);
