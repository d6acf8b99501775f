-- target: raw.order_items
-- grain: one message of type order_item
-- keys: kafka_topic, kafka_partition, kafka_offset
-- reads: one batch of the topic, parsed
-- params: rows
with landed as (
  insert into raw.order_items (
    order_id, product_id, quantity, price_usd, generated_at, kafka_topic, kafka_partition, kafka_offset
  )
  select
    order_id, product_id, quantity, price_usd, generated_at, kafka_topic, kafka_partition, kafka_offset
  from json_to_recordset(@rows::json) as r (
    order_id text, product_id int, quantity int, price_usd numeric, generated_at timestamp,
    kafka_topic text, kafka_partition int, kafka_offset bigint
  )
  on conflict on constraint order_items_message_once do nothing
  returning 1
)
select count(*) as rows_out
from landed;
