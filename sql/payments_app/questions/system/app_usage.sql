-- target: the question: how actively is the app used
-- grain: one month, at its last day
-- keys: none
-- reads: payments_mart.daily_kpi
-- params: none
select
  toStartOfMonth(date) as month, argMax(dau, date) as dau, argMax(wau, date) as wau,
  argMax(mau, date) as mau, argMax(stickiness, date) as stickiness
from payments_mart.daily_kpi
group by month
order by month
