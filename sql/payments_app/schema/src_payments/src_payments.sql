-- target: the schema src_payments, which stands in for the PostgreSQL of the payments
-- grain: one row of that database's table
-- keys: none, so that a fault can be a second row with the same key
-- reads: nothing
-- params: none
create schema if not exists src_payments;
create table if not exists src_payments.transactions (
  transaction_id bigint, trans_date timestamptz, payer_user_id bigint, merchant_id bigint,
  product_code text, operation_type text, payment_method text, amount numeric(18, 2),
  currency char(3), fee_amount numeric(18, 2), cashback_amount numeric(18, 2), status text,
  session_id text
);
create index if not exists transactions_by_date on src_payments.transactions (trans_date);
create index if not exists transactions_by_id on src_payments.transactions (transaction_id);
create table if not exists src_payments.operation_history (
  transaction_id bigint, status text, changed_at timestamptz
);
create index if not exists operation_history_by_change
  on src_payments.operation_history (changed_at);
create table if not exists src_payments.ref_product (
  product_code text, name text, updated_at timestamptz
);
create table if not exists src_payments.ref_merchant (
  merchant_id bigint, legal_id bigint, name text, vertical text, subtype text, brand text,
  chain text, address text
);
create table if not exists src_payments.app_event (
  event_id bigint, user_id bigint, session_id text, event_ts timestamptz, event_name text,
  screen text, product_code text, props jsonb
);
create index if not exists app_event_by_time on src_payments.app_event (event_ts);
