-- target: source2.craft_market_orders_customers of the warehouse
-- grain: as in the source
-- keys: order_id
-- reads: source2.craft_market_orders_customers of the database craft_market_sources
-- params: none
select
  order_id, order_created_date, order_completion_date, order_status, craftsman_id, product_id,
  customer_id, customer_name, customer_address, customer_birthday, customer_email
from source2.craft_market_orders_customers
order by order_id;
