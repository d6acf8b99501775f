-- target: none, it answers what the shop earns by, refunds taken off
-- grain: one item
-- keys: item_id
-- reads: mart.f_sales, mart.d_item
-- params: none
select
  i.item_name as item,
  sum(s.payment_amount) as net_revenue,
  sum(v.quantity) as net_quantity
from mart.f_sales s
join mart.v_f_sales_signed v on v.id = s.id
join mart.d_item i on i.item_id = s.item_id
group by i.item_id, i.item_name
order by net_revenue desc, i.item_id;
