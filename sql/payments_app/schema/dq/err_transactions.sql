-- target: dq.err_transactions
-- grain: one row of stage.transactions that a check took out
-- keys: err_id
-- reads: nothing
-- params: none
create table if not exists dq.err_transactions (
  err_id bigint generated always as identity primary key,
  run_id text not null,
  reason_code text not null,
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
  src_system text not null,
  batch_dt date not null,
  rejected_at timestamptz not null default now()
);
create index if not exists err_transactions_by_batch on dq.err_transactions (batch_dt);
