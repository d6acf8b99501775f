-- target: stage.crm_contact
-- grain: one row as the source gave it, mysql: contact of the CRM
-- keys: id, not enforced: copies and conflicts are found by the checks
-- reads: nothing
-- params: none
create table if not exists stage.crm_contact (
  stage_id bigint generated always as identity primary key,
  id text,
  name text,
  updated_at text,
  load_ts timestamptz not null default now(),
  src_system text not null,
  batch_dt date not null
);
