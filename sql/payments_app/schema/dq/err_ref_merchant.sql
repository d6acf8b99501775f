-- target: dq.err_ref_merchant
-- grain: one row of stage.ref_merchant that a check took out
-- keys: err_id
-- reads: nothing
-- params: none
create table if not exists dq.err_ref_merchant (
  err_id bigint generated always as identity primary key,
  run_id text not null,
  reason_code text not null,
  merchant_id text,
  legal_id text,
  name text,
  vertical text,
  subtype text,
  brand text,
  chain text,
  address text,
  src_system text not null,
  batch_dt date not null,
  rejected_at timestamptz not null default now()
);
create index if not exists err_ref_merchant_by_batch on dq.err_ref_merchant (batch_dt);
