-- target: none, it finds orders whose product, craftsman or customer is missing
-- grain: one fact
-- keys: none
-- reads: dwh.f_order, dwh.d_product, dwh.d_craftsman, dwh.d_customer
-- params: none
select f.order_id
from dwh.f_order f
left join dwh.d_product p on p.product_id = f.product_id
left join dwh.d_craftsman c on c.craftsman_id = f.craftsman_id
left join dwh.d_customer u on u.customer_id = f.customer_id
where p.product_id is null
  or c.craftsman_id is null
  or u.customer_id is null
limit 10;
