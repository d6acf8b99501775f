-- target: raw.campaign_events
-- grain: one message of type campaign_event
-- keys: kafka_topic, kafka_partition, kafka_offset
-- reads: one batch of the topic, parsed
-- params: rows
with landed as (
  insert into raw.campaign_events (
    user_id, campaign_id, campaign_name, channel, action, cost, generated_at,
    kafka_topic, kafka_partition, kafka_offset
  )
  select
    user_id, campaign_id, campaign_name, channel, action, cost, generated_at,
    kafka_topic, kafka_partition, kafka_offset
  from json_to_recordset(@rows::json) as r (
    user_id text, campaign_id text, campaign_name text, channel text, action text, cost numeric,
    generated_at timestamp, kafka_topic text, kafka_partition int, kafka_offset bigint
  )
  on conflict on constraint campaign_events_message_once do nothing
  returning 1
)
select count(*) as rows_out
from landed;
