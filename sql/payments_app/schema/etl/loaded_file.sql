-- target: etl.loaded_file
-- grain: one file of the FTP folder that has been loaded, by its content
-- keys: file_name
-- reads: nothing
-- params: none
create table if not exists etl.loaded_file (
  file_name text constraint loaded_file_pkey primary key,
  sha256 text not null,
  size_bytes bigint not null,
  rows bigint not null,
  loaded_at timestamptz not null default now()
);
