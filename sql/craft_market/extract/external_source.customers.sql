-- target: external_source.customers of the warehouse
-- grain: as in the source
-- keys: customer_id
-- reads: external_source.customers of the database craft_market_sources
-- params: none
select
  customer_id, customer_name, customer_address, customer_birthday, customer_email
from external_source.customers
order by customer_id;
