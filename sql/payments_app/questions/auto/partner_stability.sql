-- target: the question: how stable are the partners
-- grain: partners with payments in so many months
-- keys: none
-- reads: payments_mart.merchant_daily
-- params: none
select active_months, count() as partners
from (
  select merchant_id, uniqExact(toStartOfMonth(date)) as active_months
  from payments_mart.merchant_daily
  where vertical = 'auto'
  group by merchant_id
)
group by active_months
order by active_months desc
