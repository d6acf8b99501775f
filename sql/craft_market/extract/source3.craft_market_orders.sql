-- target: source3.craft_market_orders of the warehouse
-- grain: as in the source
-- keys: order_id
-- reads: source3.craft_market_orders of the database craft_market_sources
-- params: none
select
  order_id, order_created_date, order_completion_date, order_status, craftsman_id, customer_id,
  product_id, product_name, product_description, product_type, product_price
from source3.craft_market_orders
order by order_id;
