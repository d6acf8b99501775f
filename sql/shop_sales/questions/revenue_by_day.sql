-- target: none, it answers what the shop earned each day, refunds taken off
-- grain: one day
-- keys: day
-- reads: mart.f_sales, mart.d_calendar
-- params: none
select
  c.date_actual as day,
  sum(s.payment_amount) as net_revenue,
  coalesce(sum(-s.payment_amount) filter (where s.status = 'refunded'), 0) as refunded,
  count(*) filter (where s.status = 'shipped') as orders
from mart.f_sales s
join mart.d_calendar c on c.date_id = s.date_id
group by c.date_actual
order by c.date_actual;
