-- target: raw.campaign_events
-- grain: one message of type campaign_event
-- keys: campaign_event_id; kafka_topic, kafka_partition, kafka_offset
-- reads: topic user_events
-- params: none
create table if not exists raw.campaign_events (
  campaign_event_id serial primary key,
  user_id text,
  campaign_id text,
  campaign_name text,
  channel text,
  action text,
  cost numeric(18, 2),
  generated_at timestamp,
  received_at timestamp default now(),
  kafka_topic text not null,
  kafka_partition int not null,
  kafka_offset bigint not null,
  constraint campaign_events_message_once unique (kafka_topic, kafka_partition, kafka_offset)
);
