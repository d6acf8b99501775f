-- target: none, it answers where the shop earns, refunds taken off
-- grain: one city
-- keys: city_id
-- reads: mart.f_sales, mart.d_city
-- params: none
select
  t.city_name as city,
  sum(s.payment_amount) as net_revenue,
  count(*) filter (where s.status = 'shipped') as orders
from mart.f_sales s
join mart.d_city t on t.city_id = s.city_id
group by t.city_id, t.city_name
order by net_revenue desc, t.city_id;
