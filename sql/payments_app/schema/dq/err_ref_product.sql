-- target: dq.err_ref_product
-- grain: one row of stage.ref_product that a check took out
-- keys: err_id
-- reads: nothing
-- params: none
create table if not exists dq.err_ref_product (
  err_id bigint generated always as identity primary key,
  run_id text not null,
  reason_code text not null,
  product_code text,
  name text,
  updated_at text,
  src_system text not null,
  batch_dt date not null,
  rejected_at timestamptz not null default now()
);
create index if not exists err_ref_product_by_batch on dq.err_ref_product (batch_dt);
