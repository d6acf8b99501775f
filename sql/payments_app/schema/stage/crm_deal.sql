-- target: stage.crm_deal
-- grain: one row as the source gave it, mysql: deal of the CRM
-- keys: id, not enforced: copies and conflicts are found by the checks
-- reads: nothing
-- params: none
create table if not exists stage.crm_deal (
  stage_id bigint generated always as identity primary key,
  id text,
  company_id text,
  stage text,
  amount text,
  tariff_code text,
  opened_at text,
  closed_at text,
  load_ts timestamptz not null default now(),
  src_system text not null,
  batch_dt date not null
);
