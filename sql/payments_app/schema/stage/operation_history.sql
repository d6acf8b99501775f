-- target: stage.operation_history
-- grain: one row as the source gave it, payments: change of a transaction's status
-- keys: transaction_id, changed_at, not enforced: copies and conflicts are found by the checks
-- reads: nothing
-- params: none
create table if not exists stage.operation_history (
  stage_id bigint generated always as identity primary key,
  transaction_id text,
  status text,
  changed_at text,
  load_ts timestamptz not null default now(),
  src_system text not null,
  batch_dt date not null
);
