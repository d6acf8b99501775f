-- target: the question: how often do clients pay
-- grain: clients with so many payments in the last 30 days
-- keys: none
-- reads: payments_mart.client_daily
-- params: none
select payments_in_30_days, count() as users
from (
  select client_id, least(sum(payments), 10) as payments_in_30_days
  from payments_mart.client_daily
  where date > (select max(date) - 30 from payments_mart.daily_kpi)
  group by client_id
)
group by payments_in_30_days
order by payments_in_30_days
