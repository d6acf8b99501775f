-- target: stage.ref_merchant
-- grain: one row as the source gave it, payments: merchant of the reference
-- keys: merchant_id, not enforced: copies and conflicts are found by the checks
-- reads: nothing
-- params: none
create table if not exists stage.ref_merchant (
  stage_id bigint generated always as identity primary key,
  merchant_id text,
  legal_id text,
  name text,
  vertical text,
  subtype text,
  brand text,
  chain text,
  address text,
  load_ts timestamptz not null default now(),
  src_system text not null,
  batch_dt date not null
);
