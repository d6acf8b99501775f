-- target: bi.fct_payment
-- grain: one transaction in its latest status
-- keys: transaction_id
-- reads: nothing
-- params: none
create table if not exists bi.fct_payment (
  transaction_id bigint constraint fct_payment_pkey primary key,
  date_sk int not null,
  ts timestamptz not null,
  client_sk bigint not null,
  merchant_sk bigint,
  product_sk bigint,
  method_sk bigint not null,
  op_type text not null,
  amount numeric(18, 2) not null,
  currency char(3) not null,
  amount_byn numeric(18, 2) not null,
  fee_byn numeric(18, 2) not null,
  cashback_byn numeric(18, 2) not null,
  status text not null,
  session_id text,
  batch_dt date not null
);
create index if not exists fct_payment_by_session on bi.fct_payment (session_id)
  where session_id is not null;
create index if not exists fct_payment_by_date on bi.fct_payment (date_sk);
comment on column bi.fct_payment.batch_dt is 'Business day of the payment, in Minsk';
