-- target: the question: what do auto centres turn over and earn us
-- grain: one month
-- keys: none
-- reads: payments_mart.merchant_daily
-- params: none
select toStartOfMonth(date) as month, sum(gpv) as turnover, sum(fee) as fee
from payments_mart.merchant_daily
where vertical = 'auto'
group by month
order by month
