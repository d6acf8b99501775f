-- target: dq.err_contract
-- grain: one row of stage.contract that a check took out
-- keys: err_id
-- reads: nothing
-- params: none
create table if not exists dq.err_contract (
  err_id bigint generated always as identity primary key,
  run_id text not null,
  reason_code text not null,
  contract_id text,
  legal_id text,
  tariff_code text,
  package_code text,
  monthly_fee text,
  signed_at text,
  valid_to text,
  src_system text not null,
  batch_dt date not null,
  rejected_at timestamptz not null default now()
);
create index if not exists err_contract_by_batch on dq.err_contract (batch_dt);
