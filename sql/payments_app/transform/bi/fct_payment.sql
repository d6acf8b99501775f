-- target: bi.fct_payment
-- grain: one transaction in its latest status
-- keys: transaction_id
-- reads: stage.transactions, dimention.dim_client, dimention.dim_merchant, dimention.dim_product, dimention.dim_payment_method, dimention.currency_rate
-- params: none
create or replace procedure etl.p05_fct_payment()
language sql
as $$
  with staged as materialized (
    select
      transaction_id, trans_date, payer_user_id, merchant_id, product_code, operation_type,
      payment_method, amount, currency, fee_amount, cashback_amount, status, session_id,
      etl.day_of(trans_date::timestamptz) as day
    from stage.transactions
  ), rate as materialized (
    select day, currency, dimention.rate_on(day, currency) as byn
    from (select distinct day, currency from staged) as used
  )
  insert into bi.fct_payment as t (
    transaction_id, date_sk, ts, client_sk, merchant_sk, product_sk, method_sk, op_type, amount,
    currency, amount_byn, fee_byn, cashback_byn, status, session_id, batch_dt
  )
  select
    s.transaction_id::bigint,
    etl.date_sk(s.day),
    s.trans_date::timestamptz,
    c.client_sk,
    m.merchant_sk,
    p.product_sk,
    w.method_sk,
    s.operation_type,
    s.amount::numeric,
    s.currency,
    round(s.amount::numeric * r.byn, 2),
    round(coalesce(s.fee_amount::numeric, 0) * r.byn, 2),
    round(coalesce(s.cashback_amount::numeric, 0) * r.byn, 2),
    s.status,
    s.session_id,
    s.day
  from staged s
  join rate r on r.day = s.day and r.currency = s.currency
  join dimention.dim_client c on c.client_type = 'person'
    and c.src_id = s.payer_user_id::bigint
    and s.day >= c.valid_from
    and s.day < c.valid_to
  join dimention.dim_payment_method w on w.method_code = s.payment_method
  left join dimention.dim_merchant m on m.merchant_id = s.merchant_id::bigint
  left join dimention.dim_product p on p.product_code = etl.clean(s.product_code)
  on conflict (transaction_id) do update set
    date_sk = excluded.date_sk, ts = excluded.ts, client_sk = excluded.client_sk,
    merchant_sk = excluded.merchant_sk, product_sk = excluded.product_sk,
    method_sk = excluded.method_sk, op_type = excluded.op_type, amount = excluded.amount,
    currency = excluded.currency, amount_byn = excluded.amount_byn, fee_byn = excluded.fee_byn,
    cashback_byn = excluded.cashback_byn, status = excluded.status,
    session_id = excluded.session_id, batch_dt = excluded.batch_dt
  where (
    t.ts, t.client_sk, t.merchant_sk, t.product_sk, t.method_sk, t.op_type, t.amount, t.currency,
    t.amount_byn, t.fee_byn, t.cashback_byn, t.status, t.session_id
  ) is distinct from (
    excluded.ts, excluded.client_sk, excluded.merchant_sk, excluded.product_sk, excluded.method_sk,
    excluded.op_type, excluded.amount, excluded.currency, excluded.amount_byn, excluded.fee_byn,
    excluded.cashback_byn, excluded.status, excluded.session_id
  );
$$;
