-- target: the question: which services do payers choose
-- grain: one service
-- keys: none
-- reads: payments_mart.payment, payments_mart.merchant
-- params: none
select
  p.product_code as service, count() as payments, uniqExact(p.client_id) as payers,
  sum(p.amount_byn) as turnover
from payments_mart.payment as p
join payments_mart.merchant as m on m.merchant_id = p.merchant_id
where p.status = 'success' and m.vertical = 'auto'
group by service
order by payers desc, service
