-- target: stage.legal_client
-- grain: one row as the source gave it, oracle: legal client
-- keys: legal_id, not enforced: copies and conflicts are found by the checks
-- reads: nothing
-- params: none
create table if not exists stage.legal_client (
  stage_id bigint generated always as identity primary key,
  legal_id text,
  name text,
  unp text,
  industry text,
  size_class text,
  registered_at text,
  closed_at text,
  load_ts timestamptz not null default now(),
  src_system text not null,
  batch_dt date not null
);
