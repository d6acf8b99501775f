-- target: payments_mart.merchant_daily
-- grain: one merchant on a day
-- keys: date, merchant_id
-- reads: payments_mart.payment, payments_mart.merchant
-- params: none
select
  p.date as date,
  p.merchant_id as merchant_id,
  m.vertical as vertical,
  m.subtype as subtype,
  m.brand as brand,
  m.chain as chain,
  m.region as region,
  count() as payments,
  uniqExact(p.client_id) as payers,
  sum(p.amount_byn) as gpv,
  sum(p.fee_byn) as fee,
  sum(p.cashback_byn) as cashback,
  sum(p.revenue_byn) as revenue
from payments_mart.payment as p
join payments_mart.merchant as m on m.merchant_id = p.merchant_id
where p.status = 'success'
group by date, merchant_id, vertical, subtype, brand, chain, region
