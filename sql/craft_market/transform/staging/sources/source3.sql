-- target: staging.tmp_sources, one part of its union
-- grain: one order of source3
-- keys: order_id
-- reads: source3.craft_market_orders, source3.craft_market_craftsmans, source3.craft_market_customers
-- params: none
select
  'source3' as source_system,
  o.order_id, o.order_created_date, o.order_completion_date, o.order_status,
  o.craftsman_id, c.craftsman_name, c.craftsman_address, c.craftsman_birthday, c.craftsman_email,
  o.product_id, o.product_name, o.product_description, o.product_type, o.product_price,
  o.customer_id, u.customer_name, u.customer_address, u.customer_birthday, u.customer_email
from source3.craft_market_orders o
left join source3.craft_market_craftsmans c on c.craftsman_id = o.craftsman_id
left join source3.craft_market_customers u on u.customer_id = o.customer_id
