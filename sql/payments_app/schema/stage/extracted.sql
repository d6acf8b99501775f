-- target: stage.extracted
-- grain: how many rows of a table came from its source in this run, those found unchanged among them
-- keys: table_name
-- reads: nothing
-- params: none
create table if not exists stage.extracted (
  table_name text constraint extracted_pkey primary key,
  rows bigint not null,
  unchanged bigint not null default 0
);
