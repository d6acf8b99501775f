-- target: external_source.craft_products_orders of the warehouse
-- grain: as in the source
-- keys: id
-- reads: external_source.craft_products_orders of the database craft_market_sources
-- params: none
select
  id, craftsman_id, craftsman_name, craftsman_address, craftsman_birthday, craftsman_email,
  product_id, product_name, product_description, product_type, product_price, order_id,
  order_created_date, order_completion_date, order_status, customer_id
from external_source.craft_products_orders
order by id;
