-- target: payments_mart.cohort_retention
-- grain: a month of registration, so many months later
-- keys: cohort, months_since
-- reads: payments_mart.payment, payments_mart.event, payments_mart.client
-- params: as_of
with
  toDate({as_of:String}) as as_of,
  cohort as (
    select toStartOfMonth(registered_date) as cohort, count() as cohort_size
    from payments_mart.client
    where registered_date <= as_of
    group by cohort
  ),
  grid as (
    select cohort, cohort_size, months_since
    from cohort
    array join range(toUInt16(dateDiff('month', cohort, as_of) + 1)) as months_since
  ),
  active_user as (
    select distinct
      toStartOfMonth(c.registered_date) as cohort,
      c.client_id as client_id,
      dateDiff('month', toStartOfMonth(c.registered_date), toStartOfMonth(a.date)) as months_since
    from (
      select distinct date, client_id from payments_mart.event where client_id > 0
      union distinct
      select distinct date, client_id from payments_mart.payment where status = 'success'
    ) as a
    join payments_mart.client as c on c.client_id = a.client_id
    where a.date >= toStartOfMonth(c.registered_date)
  ),
  active as (
    select cohort, months_since, count() as active_users
    from active_user
    group by cohort, months_since
  ),
  kept as (
    select n.cohort as cohort, n.months_since as months_since, count() as kept_users
    from active_user as n
    join active_user as b
      on b.cohort = n.cohort and b.client_id = n.client_id and b.months_since = n.months_since - 1
    group by cohort, months_since
  ),
  earned as (
    select
      toStartOfMonth(c.registered_date) as cohort,
      dateDiff('month', toStartOfMonth(c.registered_date), toStartOfMonth(p.date)) as months_since,
      sum(p.revenue_byn) as revenue
    from payments_mart.payment as p
    join payments_mart.client as c on c.client_id = p.client_id
    where p.status = 'success'
    group by cohort, months_since
  ),
  joined as (
    select
      g.cohort as cohort, g.months_since as months_since, g.cohort_size as cohort_size,
      a.active_users as active_users, b.active_users as active_before, k.kept_users as kept_users,
      e.revenue as revenue
    from grid as g
    left join active as a on a.cohort = g.cohort and a.months_since = g.months_since
    left join active as b on b.cohort = g.cohort and b.months_since = toInt32(g.months_since) - 1
    left join kept as k on k.cohort = g.cohort and k.months_since = g.months_since
    left join earned as e on e.cohort = g.cohort and e.months_since = g.months_since
  )
select
  cohort,
  months_since,
  cohort_size,
  active_users,
  round(toDecimal64(active_users, 9) / cohort_size, 4) as retention,
  round(
    toDecimal128(sum(revenue) over (partition by cohort order by months_since), 12) / cohort_size, 2
  ) as cohort_ltv,
  if(
    active_before = 0, null,
    round(toDecimal64(active_before - kept_users, 9) / active_before, 4)
  ) as churn
from joined
