-- target: the question: how well does the base earn
-- grain: one month
-- keys: none
-- reads: payments_mart.daily_kpi, payments_mart.channel_roi
-- params: none
select
  k.month as month, k.arpu as arpu, k.arppu as arppu, r.cac as cac, r.ltv as ltv
from (
  select
    toStartOfMonth(date) as month, argMax(arpu, date) as arpu, argMax(arppu, date) as arppu
  from payments_mart.daily_kpi
  group by month
) as k
left join (
  select
    month, round(toDecimal128(sum(spend), 9) / nullIf(sum(new_users), 0), 2) as cac,
    round(toDecimal128(sum(revenue), 9) / nullIf(sum(new_users), 0), 2) as ltv
  from payments_mart.channel_roi
  group by month
) as r on r.month = k.month
order by month
