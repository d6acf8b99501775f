-- target: dq.err_legal_client
-- grain: one row of stage.legal_client that a check took out
-- keys: err_id
-- reads: nothing
-- params: none
create table if not exists dq.err_legal_client (
  err_id bigint generated always as identity primary key,
  run_id text not null,
  reason_code text not null,
  legal_id text,
  name text,
  unp text,
  industry text,
  size_class text,
  registered_at text,
  closed_at text,
  src_system text not null,
  batch_dt date not null,
  rejected_at timestamptz not null default now()
);
create index if not exists err_legal_client_by_batch on dq.err_legal_client (batch_dt);
