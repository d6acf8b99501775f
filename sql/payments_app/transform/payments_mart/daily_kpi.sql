-- target: payments_mart.daily_kpi
-- grain: one day
-- keys: date
-- reads: payments_mart.payment, payments_mart.event, payments_mart.client
-- params: as_of
with
  toDate({as_of:String}) as as_of,
  activity as (
    select date, groupBitmapState(client_id) as users
    from (
      select date, client_id from payments_mart.event where client_id > 0
      union all
      select date, client_id from payments_mart.payment where status = 'success'
    )
    group by date
  ),
  day as (
    select toStartOfMonth(first_date) + number as date
    from (select min(date) as first_date from activity) as bounds
    cross join numbers(4000) as n
    where first_date > toDate('2000-01-01') and toStartOfMonth(first_date) + number <= as_of
  ),
  active as (
    select
      d.date as date,
      groupBitmapMergeIf(a.users, a.date = d.date) as dau,
      groupBitmapMergeIf(a.users, a.date > d.date - 7) as wau,
      groupBitmapMerge(a.users) as mau
    from day as d
    cross join activity as a
    where a.date <= d.date and a.date > d.date - 30
    group by d.date
  ),
  paid as (
    select
      date,
      sumIf(amount_byn, status = 'success') as gpv,
      sumIf(revenue_byn, status = 'success') as revenue,
      countIf(status = 'success') as payments,
      uniqExactIf(client_id, status = 'success') as payers,
      countIf(status = 'failed') as failed,
      count() as attempts
    from payments_mart.payment
    group by date
  ),
  payer as (
    select date, groupBitmapState(client_id) as users
    from payments_mart.payment
    where status = 'success'
    group by date
  ),
  paid_30 as (
    select
      d.date as date,
      sum(p.revenue) as revenue,
      groupBitmapMerge(y.users) as payers
    from day as d
    cross join payer as y
    join paid as p on p.date = y.date
    where y.date <= d.date and y.date > d.date - 30
    group by d.date
  ),
  arrived as (
    select registered_date as date, count() as new_users
    from payments_mart.client
    group by registered_date
  )
select
  d.date as date,
  a.dau as dau,
  a.wau as wau,
  a.mau as mau,
  if(a.mau = 0, 0, round(toDecimal64(a.dau, 9) / a.mau, 4)) as stickiness,
  p.gpv as gpv,
  p.revenue as revenue,
  if(p.gpv = 0, 0, round(toDecimal128(p.revenue, 12) / p.gpv, 4)) as take_rate,
  p.payments as payments,
  p.payers as payers,
  if(p.payments = 0, 0, round(toDecimal128(p.gpv, 12) / p.payments, 2)) as avg_check,
  if(a.mau = 0, 0, round(toDecimal128(p30.revenue, 12) / a.mau, 2)) as arpu,
  if(p30.payers = 0, 0, round(toDecimal128(p30.revenue, 12) / p30.payers, 2)) as arppu,
  n.new_users as new_users,
  if(p.attempts = 0, 0, round(toDecimal64(p.failed, 9) / p.attempts, 4)) as failed_rate
from day as d
left join active as a on a.date = d.date
left join paid as p on p.date = d.date
left join paid_30 as p30 on p30.date = d.date
left join arrived as n on n.date = d.date
