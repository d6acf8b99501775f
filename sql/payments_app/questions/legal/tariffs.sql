-- target: the question: which tariffs and packages are popular
-- grain: one tariff and package
-- keys: none
-- reads: payments_mart.legal_monthly
-- params: none
select tariff, package, count() as clients, sum(mrr) as mrr
from payments_mart.legal_monthly
where month = (select max(month) from payments_mart.legal_monthly) and tariff != ''
group by tariff, package
order by clients desc, tariff, package
