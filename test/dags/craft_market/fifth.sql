-- target: staging.tmp_sources, one part of its union
-- grain: one order of a fifth source
-- keys: order_id
-- reads: fifth.sales
-- params: none
select
  'fifth' as source_system,
  s.order_id, s.order_created_date, s.order_completion_date, s.order_status,
  s.craftsman_id, s.craftsman_name, s.craftsman_address, s.craftsman_birthday, s.craftsman_email,
  s.product_id, s.product_name, s.product_description, s.product_type, s.product_price,
  s.customer_id, s.customer_name, s.customer_address, s.customer_birthday, s.customer_email
from fifth.sales s
