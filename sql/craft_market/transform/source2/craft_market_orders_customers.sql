-- target: source2.craft_market_orders_customers
-- grain: one order that a batch of sample data adds or changes
-- keys: order_id
-- reads: nothing
-- params: first_id, last_id, statuses, addresses
-- New orders are copied in after this; those of an earlier try make room.
delete from source2.craft_market_orders_customers
where order_id >= @first_id::bigint
  and order_id <= @last_id::bigint;
update source2.craft_market_orders_customers o
set
  order_status = s.order_status,
  order_completion_date = s.order_completion_date
from json_to_recordset(@statuses::json) as s (
  order_id bigint, order_status varchar, order_completion_date date
)
where o.order_id = s.order_id;
update source2.craft_market_orders_customers c
set customer_address = a.customer_address
from json_to_recordset(@addresses::json) as a (customer_id bigint, customer_address varchar)
where c.customer_id = a.customer_id;
