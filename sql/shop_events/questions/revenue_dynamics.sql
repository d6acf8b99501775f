-- target: a chart: total revenue and its change from week to week
-- grain: one row for each week
-- keys: week
-- reads: data_mart.daily_business_summary
-- params: none
select
  toMonday(event_date) as week,
  sum(total_revenue) as revenue,
  revenue - lagInFrame(revenue, 1, revenue) over (order by week) as change
from data_mart.daily_business_summary
group by week
order by week;
