-- target: the question: which industries and sizes do legal clients have
-- grain: one industry and size
-- keys: none
-- reads: payments_mart.legal_monthly
-- params: none
select industry, size_class, count() as clients, sum(turnover) as turnover
from payments_mart.legal_monthly
where month = (select max(month) from payments_mart.legal_monthly)
group by industry, size_class
order by turnover desc, industry, size_class
