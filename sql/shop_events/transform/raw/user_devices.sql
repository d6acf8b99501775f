-- target: raw.user_devices
-- grain: one message of type user_device
-- keys: kafka_topic, kafka_partition, kafka_offset
-- reads: one batch of the topic, parsed
-- params: rows
with landed as (
  insert into raw.user_devices (
    user_id, device_type, os, browser, generated_at, kafka_topic, kafka_partition, kafka_offset
  )
  select user_id, device_type, os, browser, generated_at, kafka_topic, kafka_partition, kafka_offset
  from json_to_recordset(@rows::json) as r (
    user_id text, device_type text, os text, browser text, generated_at timestamp,
    kafka_topic text, kafka_partition int, kafka_offset bigint
  )
  on conflict on constraint user_devices_message_once do nothing
  returning 1
)
select count(*) as rows_out
from landed;
