-- target: dq.err_crm_deal
-- grain: one row of stage.crm_deal that a check took out
-- keys: err_id
-- reads: nothing
-- params: none
create table if not exists dq.err_crm_deal (
  err_id bigint generated always as identity primary key,
  run_id text not null,
  reason_code text not null,
  id text,
  company_id text,
  stage text,
  amount text,
  tariff_code text,
  opened_at text,
  closed_at text,
  src_system text not null,
  batch_dt date not null,
  rejected_at timestamptz not null default now()
);
create index if not exists err_crm_deal_by_batch on dq.err_crm_deal (batch_dt);
