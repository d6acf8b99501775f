-- target: external_source.craft_products_orders
-- grain: one order that a batch of sample data adds or changes
-- keys: id
-- reads: nothing
-- params: first_id, last_id, statuses
-- New orders are copied in after this; those of an earlier try make room.
delete from external_source.craft_products_orders
where id >= @first_id::bigint
  and id <= @last_id::bigint;
update external_source.craft_products_orders o
set
  order_status = s.order_status,
  order_completion_date = s.order_completion_date
from json_to_recordset(@statuses::json) as s (
  order_id bigint, order_status varchar, order_completion_date date
)
where o.id = s.order_id;
