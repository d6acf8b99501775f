-- target: stage.document
-- grain: one row as the source gave it, files: DOCX document
-- keys: file_name, not enforced: copies and conflicts are found by the checks
-- reads: nothing
-- params: none
create table if not exists stage.document (
  stage_id bigint generated always as identity primary key,
  file_name text,
  size_bytes text,
  sha256 text,
  content text,
  load_ts timestamptz not null default now(),
  src_system text not null,
  batch_dt date not null
);
