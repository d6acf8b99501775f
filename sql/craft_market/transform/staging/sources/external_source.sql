-- target: staging.tmp_sources, one part of its union
-- grain: one order of external_source
-- keys: order_id
-- reads: external_source.craft_products_orders, external_source.customers
-- params: none
select
  'external_source' as source_system,
  o.order_id, o.order_created_date, o.order_completion_date, o.order_status,
  o.craftsman_id, o.craftsman_name, o.craftsman_address, o.craftsman_birthday, o.craftsman_email,
  o.product_id, o.product_name, o.product_description, o.product_type, o.product_price,
  o.customer_id, c.customer_name, c.customer_address, c.customer_birthday, c.customer_email
from external_source.craft_products_orders o
left join external_source.customers c on c.customer_id = o.customer_id
