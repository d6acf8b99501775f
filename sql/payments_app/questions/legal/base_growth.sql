-- target: the question: how does the base of legal clients grow
-- grain: one month
-- keys: none
-- reads: payments_mart.legal_monthly
-- params: none
select
  month, count() as clients, sum(is_active) as active, sum(is_new) as new, sum(is_closed) as closed
from payments_mart.legal_monthly
group by month
order by month
