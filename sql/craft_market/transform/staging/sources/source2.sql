-- target: staging.tmp_sources, one part of its union
-- grain: one order of source2
-- keys: order_id
-- reads: source2.craft_market_orders_customers, source2.craft_market_masters_products
-- params: none
-- An order whose craftsman does not make that product keeps its row, to be rejected instead of dropped.
select
  'source2' as source_system,
  o.order_id, o.order_created_date, o.order_completion_date, o.order_status,
  o.craftsman_id, m.craftsman_name, m.craftsman_address, m.craftsman_birthday, m.craftsman_email,
  o.product_id, m.product_name, m.product_description, m.product_type, m.product_price,
  o.customer_id, o.customer_name, o.customer_address, o.customer_birthday, o.customer_email
from source2.craft_market_orders_customers o
left join source2.craft_market_masters_products m
  on m.craftsman_id = o.craftsman_id
  and m.product_id = o.product_id
