-- target: the question: how do check and count move
-- grain: one month
-- keys: none
-- reads: payments_mart.merchant_daily
-- params: none
select
  toStartOfMonth(date) as month, sum(payments) as transactions,
  round(sum(gpv) / transactions, 2) as avg_check
from payments_mart.merchant_daily
where vertical = 'auto'
group by month
order by month
