-- target: the question: how active are legal clients
-- grain: one month
-- keys: none
-- reads: payments_mart.legal_monthly
-- params: none
select
  month, sum(turnover) as turnover, sum(payments) as payments,
  round(payments / nullIf(sum(is_active), 0), 1) as payments_per_active
from payments_mart.legal_monthly
group by month
order by month
