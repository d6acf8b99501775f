-- target: dq.rejected_rows
-- grain: one source row that a check took out, or a remark of a check; the row itself is in dq.err_<table>
-- keys: business_dt, source, table_name, row_key, reason_code
-- reads: nothing
-- params: none
create table if not exists dq.rejected_rows (
  rejected_row_id bigint generated always as identity primary key,
  run_id text not null,
  business_dt date not null,
  source text not null,
  table_name text not null,
  row_key text not null,
  reason_code text not null,
  severity text not null constraint rejected_rows_severity_known check (
    severity in ('critical', 'error', 'warning')
  ),
  payload jsonb not null,
  rejected_at timestamptz not null default now()
);
create index if not exists rejected_rows_by_batch on dq.rejected_rows (business_dt, table_name);
