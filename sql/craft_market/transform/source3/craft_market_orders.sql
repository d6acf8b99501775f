-- target: source3.craft_market_orders
-- grain: one order that a batch of sample data adds or changes
-- keys: order_id
-- reads: nothing
-- params: first_id, last_id, statuses
-- New orders are copied in after this; those of an earlier try make room.
delete from source3.craft_market_orders
where order_id >= @first_id::bigint
  and order_id <= @last_id::bigint;
update source3.craft_market_orders o
set
  order_status = s.order_status,
  order_completion_date = s.order_completion_date
from json_to_recordset(@statuses::json) as s (
  order_id bigint, order_status varchar, order_completion_date date
)
where o.order_id = s.order_id;
