-- target: dq.rejected_rows
-- grain: one source row that a target refused (error), cannot take yet (waiting), or took with a remark (warning)
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
    severity in ('error', 'waiting', 'warning')
  ),
  payload jsonb not null,
  rejected_at timestamptz not null default now(),
  constraint rejected_rows_once unique (source, table_name, row_key)
);
create index if not exists rejected_rows_waiting on dq.rejected_rows (source, table_name)
  where severity = 'waiting';
