-- target: dq.err_document
-- grain: one row of stage.document that a check took out
-- keys: err_id
-- reads: nothing
-- params: none
create table if not exists dq.err_document (
  err_id bigint generated always as identity primary key,
  run_id text not null,
  reason_code text not null,
  file_name text,
  size_bytes text,
  sha256 text,
  content text,
  src_system text not null,
  batch_dt date not null,
  rejected_at timestamptz not null default now()
);
create index if not exists err_document_by_batch on dq.err_document (batch_dt);
