-- target: source1.craft_market_wide
-- grain: one order that a batch of sample data adds or changes
-- keys: id
-- reads: nothing
-- params: first_id, last_id, statuses, addresses
-- New orders are copied in after this; those of an earlier try make room.
delete from source1.craft_market_wide
where id >= @first_id::bigint
  and id <= @last_id::bigint;
update source1.craft_market_wide o
set
  order_status = s.order_status,
  order_completion_date = s.order_completion_date
from json_to_recordset(@statuses::json) as s (
  order_id bigint, order_status varchar, order_completion_date date
)
where o.id = s.order_id;
update source1.craft_market_wide c
set customer_address = a.customer_address
from json_to_recordset(@addresses::json) as a (customer_id bigint, customer_address varchar)
where c.customer_id = a.customer_id;
