-- target: payments_mart.payment
-- grain: one transaction
-- keys: transaction_id
-- reads: bi.fct_payment, dimention.*
-- params: none
select
  p.transaction_id,
  p.batch_dt,
  extract(hour from p.ts at time zone 'Europe/Minsk')::int,
  to_char(p.ts at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS'),
  c.src_id,
  coalesce(m.merchant_id, 0),
  coalesce(g.product_code, ''),
  w.method_code,
  p.op_type,
  p.amount,
  p.currency,
  p.amount_byn,
  p.fee_byn,
  p.cashback_byn,
  p.fee_byn - p.cashback_byn,
  p.status,
  coalesce(p.session_id, '')
from bi.fct_payment p
join dimention.dim_client c using (client_sk)
join dimention.dim_payment_method w using (method_sk)
left join dimention.dim_merchant m using (merchant_sk)
left join dimention.dim_product g using (product_sk)
