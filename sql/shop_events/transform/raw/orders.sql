-- target: raw.orders
-- grain: one message of type order
-- keys: kafka_topic, kafka_partition, kafka_offset
-- reads: one batch of the topic, parsed
-- params: rows
with landed as (
  insert into raw.orders (
    order_id, user_id, order_ts, total_usd, campaign_id, generated_at,
    kafka_topic, kafka_partition, kafka_offset
  )
  select
    order_id, user_id, order_ts, total_usd, campaign_id, generated_at,
    kafka_topic, kafka_partition, kafka_offset
  from json_to_recordset(@rows::json) as r (
    order_id text, user_id text, order_ts timestamp, total_usd numeric, campaign_id text,
    generated_at timestamp, kafka_topic text, kafka_partition int, kafka_offset bigint
  )
  on conflict on constraint orders_message_once do nothing
  returning 1
)
select count(*) as rows_out
from landed;
