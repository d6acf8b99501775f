-- target: the question: which brands and regions do best
-- grain: one brand in a region
-- keys: none
-- reads: payments_mart.merchant_daily
-- params: none
select brand, region, sum(gpv) as turnover, sum(payments) as transactions
from payments_mart.merchant_daily
where vertical = 'auto'
group by brand, region
order by turnover desc, brand, region
limit 15
