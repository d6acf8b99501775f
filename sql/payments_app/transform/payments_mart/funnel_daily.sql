-- target: payments_mart.funnel_daily
-- grain: clients of a first launch on a day, by channel and step reached
-- keys: date, channel, step_no
-- reads: payments_mart.payment, payments_mart.event, payments_mart.client
-- params: none
with
  done as (
    select
      client_id,
      min(date) as first_date,
      max(event_name = 'product_view') as viewed,
      max(event_name in ('add_to_cart', 'payment_form')) as carted
    from payments_mart.event
    where client_id > 0
    group by client_id
  ),
  paid as (
    select client_id, arraySort(groupArray(ts)) as times
    from payments_mart.payment
    where status = 'success'
    group by client_id
  ),
  reached as (
    select
      c.client_id as client_id,
      c.channel as channel,
      if(d.client_id > 0 and d.first_date < c.registered_date, d.first_date, c.registered_date)
        as date,
      length(p.times) > 1 and p.times[2] <= p.times[1] + toIntervalDay(30) as again,
      length(p.times) > 0 as paid,
      paid or d.carted as carted,
      carted or d.viewed as viewed
    from payments_mart.client as c
    left join done as d on d.client_id = c.client_id
    left join paid as p on p.client_id = c.client_id
  ),
  counted as (
    select
      date,
      channel,
      [count(), count(), countIf(viewed), countIf(carted), countIf(paid), countIf(again)] as counts
    from reached
    group by date, channel
  )
select
  date,
  channel,
  step_no,
  ['first_launch', 'registration', 'product_view', 'payment_form', 'payment', 'repeat_payment'][step_no]
    as step,
  counts[step_no] as users,
  if(step_no = 1 or counts[step_no - 1] = 0, null,
    round(toDecimal64(counts[step_no], 9) / counts[step_no - 1], 4)) as step_conversion,
  if(counts[1] = 0, null, round(toDecimal64(counts[step_no], 9) / counts[1], 4))
    as cumulative_conversion
from counted
array join [1, 2, 3, 4, 5, 6] as step_no
