-- target: dq.err_crm_lead
-- grain: one row of stage.crm_lead that a check took out
-- keys: err_id
-- reads: nothing
-- params: none
create table if not exists dq.err_crm_lead (
  err_id bigint generated always as identity primary key,
  run_id text not null,
  reason_code text not null,
  id text,
  channel text,
  created_at text,
  src_system text not null,
  batch_dt date not null,
  rejected_at timestamptz not null default now()
);
create index if not exists err_crm_lead_by_batch on dq.err_crm_lead (batch_dt);
