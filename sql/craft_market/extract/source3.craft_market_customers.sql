-- target: source3.craft_market_customers of the warehouse
-- grain: as in the source
-- keys: customer_id
-- reads: source3.craft_market_customers of the database craft_market_sources
-- params: none
select
  customer_id, customer_name, customer_address, customer_birthday, customer_email
from source3.craft_market_customers
order by customer_id;
