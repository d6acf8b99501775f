-- target: stage.ad_report
-- grain: one row as the source gave it, files: row of the agency's weekly Excel report
-- keys: file_name, line_no, not enforced: copies and conflicts are found by the checks
-- reads: nothing
-- params: none
create table if not exists stage.ad_report (
  stage_id bigint generated always as identity primary key,
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
  load_ts timestamptz not null default now(),
  src_system text not null,
  batch_dt date not null
);
