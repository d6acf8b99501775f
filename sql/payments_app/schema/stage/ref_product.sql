-- target: stage.ref_product
-- grain: one row as the source gave it, payments: product of the reference
-- keys: product_code, not enforced: copies and conflicts are found by the checks
-- reads: nothing
-- params: none
create table if not exists stage.ref_product (
  stage_id bigint generated always as identity primary key,
  product_code text,
  name text,
  updated_at text,
  load_ts timestamptz not null default now(),
  src_system text not null,
  batch_dt date not null
);
