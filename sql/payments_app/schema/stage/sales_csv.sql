-- target: stage.sales_csv
-- grain: one row as the source gave it, files: line of a partner's daily sales CSV
-- keys: file_name, line_no, not enforced: copies and conflicts are found by the checks
-- reads: nothing
-- params: none
create table if not exists stage.sales_csv (
  stage_id bigint generated always as identity primary key,
  sale_id text,
  sold_at text,
  merchant_id text,
  product_code text,
  quantity text,
  amount text,
  currency text,
  comment text,
  file_name text,
  line_no text,
  load_ts timestamptz not null default now(),
  src_system text not null,
  batch_dt date not null
);
