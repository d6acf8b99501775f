-- target: etl.generator_pass
-- grain: one pass of sample data that the emulated sources hold
-- keys: pass
-- reads: nothing
-- params: none
create table if not exists etl.generator_pass (
  pass int constraint generator_pass_pkey primary key,
  scale text not null,
  seed bigint not null,
  today date not null
);
