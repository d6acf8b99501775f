-- target: etl.generator_passes
-- grain: one finished pass of the generator at one scale
-- keys: scale, pass
-- reads: nothing
-- params: none
create table if not exists etl.generator_passes (
  scale text not null,
  pass int not null constraint generator_passes_pass_positive check (pass > 0),
  seed bigint not null,
  today date not null,
  messages bigint not null,
  finished_at timestamptz not null default now(),
  primary key (scale, pass)
);
