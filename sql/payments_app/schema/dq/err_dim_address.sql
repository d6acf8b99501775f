-- target: dq.err_dim_address
-- grain: one address that cannot be read; whoever lives there is kept, without a region
-- keys: owner, owner_id
-- reads: nothing
-- params: none
create table if not exists dq.err_dim_address (
  err_id bigint generated always as identity primary key,
  run_id text not null,
  reason_code text not null,
  owner text not null,
  owner_id text not null,
  address text,
  src_system text not null,
  batch_dt date not null,
  rejected_at timestamptz not null default now()
);
create index if not exists err_dim_address_by_batch on dq.err_dim_address (batch_dt);
