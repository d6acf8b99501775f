-- target: payments_mart.client_daily
-- grain: one client on a day, by method and kind of payment
-- keys: date, client_id, method, op_type
-- reads: payments_mart.payment, payments_mart.event, payments_mart.session, payments_mart.client
-- params: none
select
  date,
  client_id,
  method,
  op_type,
  c.region as region,
  sum(payments) as payments,
  sum(gpv) as gpv,
  sum(revenue) as revenue,
  sum(events) as events,
  sum(sessions) as sessions
from (
  select
    date, client_id, method, op_type, 1 as payments, amount_byn as gpv, revenue_byn as revenue,
    0 as events, 0 as sessions
  from payments_mart.payment
  where status = 'success'
  union all
  select
    date, client_id, '', '', 0, toDecimal64(0, 2), toDecimal64(0, 2), 1, 0
  from payments_mart.event
  where client_id > 0
  union all
  select
    date, client_id, '', '', 0, toDecimal64(0, 2), toDecimal64(0, 2), 0, 1
  from payments_mart.session
) as f
left join payments_mart.client as c on c.client_id = f.client_id
group by date, client_id, method, op_type, region
