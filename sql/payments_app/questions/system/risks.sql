-- target: the question: where are risks and chances
-- grain: one month
-- keys: none
-- reads: payments_mart.daily_kpi, payments_mart.payment, payments_mart.event
-- params: none
with month_user as (
  select distinct toStartOfMonth(date) as month, client_id
  from payments_mart.client_daily
)
select
  b.month as after_month, count() as active_users, countIf(n.client_id = 0) as left_next_month,
  round(100 * left_next_month / active_users, 1) as churn_percent, any(k.failed) as failed_percent
from month_user as b
left join month_user as n on n.client_id = b.client_id and n.month = addMonths(b.month, 1)
left join (
  select
    toStartOfMonth(date) as month,
    round(100 * countIf(status = 'failed') / count(), 1) as failed
  from payments_mart.payment
  group by month
) as k on k.month = b.month
where b.month < (select max(month) from month_user)
group by after_month
order by after_month
