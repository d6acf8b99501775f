-- target: source3.craft_market_customers
-- grain: one customer whose address a batch of sample data changes
-- keys: customer_id
-- reads: nothing
-- params: addresses
update source3.craft_market_customers c
set customer_address = a.customer_address
from json_to_recordset(@addresses::json) as a (customer_id bigint, customer_address varchar)
where c.customer_id = a.customer_id;
