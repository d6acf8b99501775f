-- target: the question: how large is the basket
-- grain: one band of the amount
-- keys: none
-- reads: payments_mart.payment, payments_mart.merchant
-- params: none
select
  multiIf(amount_byn < 10, '0-10', amount_byn < 30, '10-30', amount_byn < 100, '30-100', '100+')
    as band,
  count() as payments,
  round(sum(amount_byn) / payments, 2) as avg_basket
from payments_mart.payment as p
join payments_mart.merchant as m on m.merchant_id = p.merchant_id
where p.status = 'success' and m.vertical = 'grocery'
group by band
order by avg_basket
