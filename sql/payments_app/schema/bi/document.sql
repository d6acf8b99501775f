-- target: bi.document
-- grain: one DOCX document as last received
-- keys: file_name
-- reads: nothing
-- params: none
create table if not exists bi.document (
  file_name text constraint document_pkey primary key,
  size_bytes bigint not null,
  sha256 text not null,
  content text not null
);
