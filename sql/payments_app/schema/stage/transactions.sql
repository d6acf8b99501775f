-- target: stage.transactions
-- grain: one row as the source gave it, payments: financial transaction
-- keys: transaction_id, not enforced: copies and conflicts are found by the checks
-- reads: nothing
-- params: none
create table if not exists stage.transactions (
  stage_id bigint generated always as identity primary key,
  transaction_id text,
  trans_date text,
  payer_user_id text,
  merchant_id text,
  product_code text,
  operation_type text,
  payment_method text,
  amount text,
  currency text,
  fee_amount text,
  cashback_amount text,
  status text,
  session_id text,
  load_ts timestamptz not null default now(),
  src_system text not null,
  batch_dt date not null
);
