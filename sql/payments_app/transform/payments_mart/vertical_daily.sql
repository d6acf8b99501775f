-- target: payments_mart.vertical_daily
-- grain: one kind of merchant on a day
-- keys: date, vertical, subtype
-- reads: payments_mart.payment, payments_mart.merchant
-- params: none
with
  reference as (
    select vertical, subtype, uniqExactIf(chain, chain != '') as chains
    from payments_mart.merchant
    group by vertical, subtype
  ),
  connected as (
    select m.vertical as vertical, m.subtype as subtype, m.chain as chain, min(p.date) as since
    from payments_mart.payment as p
    join payments_mart.merchant as m on m.merchant_id = p.merchant_id
    where p.status = 'success' and m.chain != ''
    group by vertical, subtype, chain
  ),
  since_list as (
    select vertical, subtype, groupArray(since) as since
    from connected
    group by vertical, subtype
  ),
  paid as (
    select
      p.date as date, m.vertical as vertical, m.subtype as subtype, count() as payments,
      uniqExact(p.client_id) as payers, sum(p.amount_byn) as gpv, sum(p.revenue_byn) as revenue
    from payments_mart.payment as p
    join payments_mart.merchant as m on m.merchant_id = p.merchant_id
    where p.status = 'success'
    group by date, vertical, subtype
  )
select
  d.date as date,
  d.vertical as vertical,
  d.subtype as subtype,
  d.payments as payments,
  d.payers as payers,
  d.gpv as gpv,
  d.revenue as revenue,
  arrayCount(x -> x <= d.date, s.since) as connected_chains,
  r.chains as reference_chains
from paid as d
left join since_list as s on s.vertical = d.vertical and s.subtype = d.subtype
left join reference as r on r.vertical = d.vertical and r.subtype = d.subtype
