-- target: the question: which regions are the most active
-- grain: one region
-- keys: none
-- reads: payments_mart.merchant_daily
-- params: none
select region, sum(payments) as payments, sum(gpv) as turnover
from payments_mart.merchant_daily
where vertical = 'grocery'
group by region
order by payments desc, region
