-- target: none, it answers what is given back most
-- grain: one item
-- keys: item_id
-- reads: mart.f_sales, mart.d_item
-- params: none
select
  i.item_name as item,
  count(*) filter (where s.status = 'shipped') as shipped,
  count(*) filter (where s.status = 'refunded') as refunded,
  round(100.0 * count(*) filter (where s.status = 'refunded') / count(*), 2) as refund_percent
from mart.f_sales s
join mart.d_item i on i.item_id = s.item_id
group by i.item_id, i.item_name
order by refund_percent desc, i.item_id;
