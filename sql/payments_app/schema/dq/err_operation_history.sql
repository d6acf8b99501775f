-- target: dq.err_operation_history
-- grain: one row of stage.operation_history that a check took out
-- keys: err_id
-- reads: nothing
-- params: none
create table if not exists dq.err_operation_history (
  err_id bigint generated always as identity primary key,
  run_id text not null,
  reason_code text not null,
  transaction_id text,
  status text,
  changed_at text,
  src_system text not null,
  batch_dt date not null,
  rejected_at timestamptz not null default now()
);
create index if not exists err_operation_history_by_batch on dq.err_operation_history (batch_dt);
