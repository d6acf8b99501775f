-- target: dq.err_ad_report
-- grain: one row of stage.ad_report that a check took out
-- keys: err_id
-- reads: nothing
-- params: none
create table if not exists dq.err_ad_report (
  err_id bigint generated always as identity primary key,
  run_id text not null,
  reason_code text not null,
  spend_date text,
  channel text,
  campaign text,
  impressions text,
  clicks text,
  installs text,
  spend text,
  currency text,
  file_name text,
  line_no text,
  src_system text not null,
  batch_dt date not null,
  rejected_at timestamptz not null default now()
);
create index if not exists err_ad_report_by_batch on dq.err_ad_report (batch_dt);
