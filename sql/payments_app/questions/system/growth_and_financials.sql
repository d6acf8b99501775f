-- target: the question: is there growth, and what are the main figures
-- grain: one month
-- keys: none
-- reads: payments_mart.daily_kpi
-- params: none
select
  month, gpv, revenue, payments,
  round(100 * (gpv - previous) / nullIf(previous, 0), 1) as gpv_change_percent
from (
  select
    month, gpv, revenue, payments,
    lagInFrame(gpv) over (order by month) as previous
  from (
    select
      toStartOfMonth(date) as month, sum(gpv) as gpv, sum(revenue) as revenue,
      sum(payments) as payments
    from payments_mart.daily_kpi
    group by month
  )
)
order by month
