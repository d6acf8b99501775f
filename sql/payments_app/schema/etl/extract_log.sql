-- target: etl.extract_log
-- grain: one query at a source
-- keys: extract_log_id
-- reads: nothing
-- params: none
create table if not exists etl.extract_log (
  extract_log_id bigint generated always as identity primary key,
  run_id text not null,
  batch_dt date not null,
  source text not null,
  table_name text not null,
  mode text not null constraint extract_log_mode_known check (
    mode in ('window', 'full', 'compare', 'control', 'file', 'api')
  ),
  started_at timestamptz not null,
  finished_at timestamptz not null,
  rows bigint not null
);
