-- target: the question: does cashback move turnover
-- grain: one group of users, since the first cashback
-- keys: none
-- reads: payments_mart.payment, payments_mart.merchant
-- params: none
with
  (select min(date) from payments_mart.payment where cashback_byn > 0) as started,
  offered as (
    select distinct client_id from payments_mart.payment where cashback_byn > 0
  )
select
  if(o.client_id > 0, 'offered cashback', 'control') as users_group,
  uniqExact(p.client_id) as payers,
  round(avg(p.amount_byn), 2) as basket,
  round(count() / payers, 2) as payments_per_payer,
  sum(p.cashback_byn) as cashback
from payments_mart.payment as p
join payments_mart.merchant as m on m.merchant_id = p.merchant_id
left join offered as o on o.client_id = p.client_id
where p.status = 'success' and m.subtype = 'grocery_chain' and p.date >= started
group by users_group
order by users_group
