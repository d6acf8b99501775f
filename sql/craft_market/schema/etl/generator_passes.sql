-- target: etl.generator_passes
-- grain: one pass of the sample data that is in the sources
-- keys: pass
-- reads: nothing
-- params: none
create table if not exists etl.generator_passes (
  pass int primary key constraint generator_passes_pass_positive check (pass > 0),
  run_id text not null,
  scale text not null,
  seed bigint not null,
  today date not null,
  written_rows bigint not null,
  finished_at timestamptz not null default now()
);
