-- target: dq.rejected_rows
-- grain: one record of a file that its table refused; source is the part it came in
-- keys: source, table_name, row_key
-- reads: nothing
-- params: none
create table if not exists dq.rejected_rows (
  rejected_row_id bigint generated always as identity primary key,
  run_id text not null,
  source text not null,
  table_name text not null,
  row_key text not null,
  reason_code text not null,
  severity text not null constraint rejected_rows_severity_known check (
    severity in ('error', 'warning')
  ),
  payload jsonb not null,
  rejected_at timestamptz not null default now(),
  constraint rejected_rows_once unique (source, table_name, row_key)
);
