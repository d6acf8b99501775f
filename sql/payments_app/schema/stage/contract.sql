-- target: stage.contract
-- grain: one row as the source gave it, oracle: contract of a legal client
-- keys: contract_id, not enforced: copies and conflicts are found by the checks
-- reads: nothing
-- params: none
create table if not exists stage.contract (
  stage_id bigint generated always as identity primary key,
  contract_id text,
  legal_id text,
  tariff_code text,
  package_code text,
  monthly_fee text,
  signed_at text,
  valid_to text,
  load_ts timestamptz not null default now(),
  src_system text not null,
  batch_dt date not null
);
