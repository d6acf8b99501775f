-- target: source1.craft_market_wide of the warehouse
-- grain: as in the source
-- keys: id
-- reads: source1.craft_market_wide of the database craft_market_sources
-- params: none
select
  id, craftsman_id, craftsman_name, craftsman_address, craftsman_birthday, craftsman_email,
  product_id, product_name, product_description, product_type, product_price, order_id,
  order_created_date, order_completion_date, order_status, customer_id, customer_name,
  customer_address, customer_birthday, customer_email
from source1.craft_market_wide
order by id;
