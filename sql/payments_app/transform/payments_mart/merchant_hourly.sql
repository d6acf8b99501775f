-- target: payments_mart.merchant_hourly
-- grain: one merchant in an hour
-- keys: date, hour, merchant_id
-- reads: payments_mart.payment
-- params: none
select
  date,
  hour,
  merchant_id,
  count() as payments,
  sum(amount_byn) as gpv
from payments_mart.payment
where status = 'success' and merchant_id > 0
group by date, hour, merchant_id
