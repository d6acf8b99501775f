-- target: the question: how often do users pay in supermarkets
-- grain: one month
-- keys: none
-- reads: payments_mart.payment, payments_mart.merchant
-- params: none
select
  toStartOfMonth(p.date) as month, count() as payments, uniqExact(p.client_id) as payers,
  round(payments / payers, 2) as payments_per_payer
from payments_mart.payment as p
join payments_mart.merchant as m on m.merchant_id = p.merchant_id
where p.status = 'success' and m.vertical = 'grocery'
group by month
order by month
