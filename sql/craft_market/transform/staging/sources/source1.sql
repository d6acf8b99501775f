-- target: staging.tmp_sources, one part of its union
-- grain: one order of source1
-- keys: order_id
-- reads: source1.craft_market_wide
-- params: none
select
  'source1' as source_system,
  w.order_id, w.order_created_date, w.order_completion_date, w.order_status,
  w.craftsman_id, w.craftsman_name, w.craftsman_address, w.craftsman_birthday, w.craftsman_email,
  w.product_id, w.product_name, w.product_description, w.product_type, w.product_price,
  w.customer_id, w.customer_name, w.customer_address, w.customer_birthday, w.customer_email
from source1.craft_market_wide w
