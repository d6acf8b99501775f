-- target: raw.order_status_events
-- grain: one message of type order_status
-- keys: kafka_topic, kafka_partition, kafka_offset
-- reads: one batch of the topic, parsed
-- params: rows
with landed as (
  insert into raw.order_status_events (
    order_id, status, generated_at, kafka_topic, kafka_partition, kafka_offset
  )
  select order_id, status, generated_at, kafka_topic, kafka_partition, kafka_offset
  from json_to_recordset(@rows::json) as r (
    order_id text, status text, generated_at timestamp,
    kafka_topic text, kafka_partition int, kafka_offset bigint
  )
  on conflict on constraint order_status_events_message_once do nothing
  returning 1
)
select count(*) as rows_out
from landed;
