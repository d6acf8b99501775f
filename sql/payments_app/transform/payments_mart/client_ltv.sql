-- target: payments_mart.client_ltv
-- grain: one client
-- keys: client_id
-- reads: payments_mart.payment, payments_mart.event, payments_mart.client
-- params: as_of
with
  toDate({as_of:String}) as as_of,
  paid as (
    select
      client_id, min(date) as first_payment, max(date) as last_payment, count() as payments,
      sum(amount_byn) as gpv, sum(revenue_byn) as ltv
    from payments_mart.payment
    where status = 'success'
    group by client_id
  ),
  ranked as (
    select
      client_id, first_payment, last_payment, payments, gpv, ltv,
      ntile(5) over (order by last_payment, client_id) as r,
      ntile(5) over (order by payments, client_id) as f,
      ntile(5) over (order by gpv, client_id) as m
    from paid
  ),
  seen as (
    select client_id, max(date) as last_seen
    from (
      select client_id, date from payments_mart.event where client_id > 0
      union all
      select client_id, date from payments_mart.payment where status = 'success'
      union all
      select client_id, registered_date from payments_mart.client
    )
    group by client_id
  )
select
  c.client_id as client_id,
  c.channel as channel,
  if(r.payments = 0, null, r.first_payment) as first_payment,
  if(r.payments = 0, null, r.last_payment) as last_payment,
  r.payments as payments,
  r.gpv as gpv,
  r.ltv as ltv,
  r.r as rfm_recency,
  r.f as rfm_frequency,
  r.m as rfm_money,
  concat(toString(r.r), toString(r.f), toString(r.m)) as rfm,
  multiIf(
    dateDiff('day', s.last_seen, as_of) < 30, 'active',
    dateDiff('day', s.last_seen, as_of) <= 90, 'dormant',
    'lost'
  ) as state
from payments_mart.client as c
left join ranked as r on r.client_id = c.client_id
left join seen as s on s.client_id = c.client_id
