-- target: etl.load_count
-- grain: what became of the rows of one staged table in one batch
-- keys: batch_dt, table_name
-- reads: nothing
-- params: none
create table if not exists etl.load_count (
  batch_dt date not null,
  table_name text not null,
  run_id text not null,
  rows_in bigint not null,
  rows_out bigint not null,
  rows_rejected bigint not null,
  rows_duplicate bigint not null,
  rows_filtered bigint not null,
  constraint load_count_pkey primary key (batch_dt, table_name),
  constraint load_count_adds_up check (
    rows_in = rows_out + rows_rejected + rows_duplicate + rows_filtered
  )
);
