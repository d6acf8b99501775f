-- target: dq.err_sales_csv
-- grain: one row of stage.sales_csv that a check took out
-- keys: err_id
-- reads: nothing
-- params: none
create table if not exists dq.err_sales_csv (
  err_id bigint generated always as identity primary key,
  run_id text not null,
  reason_code text not null,
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
  src_system text not null,
  batch_dt date not null,
  rejected_at timestamptz not null default now()
);
create index if not exists err_sales_csv_by_batch on dq.err_sales_csv (batch_dt);
