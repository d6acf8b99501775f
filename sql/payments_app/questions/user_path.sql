-- target: the question: the path of one user, from the first launch to the repeated payment
-- grain: one event or payment of the client with the most payments, the first twenty
-- keys: none
-- reads: payments_mart.event, payments_mart.payment
-- params: none
with (
  select argMax(client_id, (payments, client_id))
  from payments_mart.client_ltv
  where client_id in (select client_id from payments_mart.event)
) as chosen
select toString(ts) as moment, step, detail
from (
  select ts, toString(event_name) as step, toString(product_code) as detail
  from payments_mart.event
  where client_id = chosen
  union all
  select ts, 'payment', toString(amount_byn)
  from payments_mart.payment
  where client_id = chosen and status = 'success'
)
order by moment, step
limit 20
