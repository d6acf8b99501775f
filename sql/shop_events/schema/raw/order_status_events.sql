-- target: raw.order_status_events
-- grain: one message of type order_status
-- keys: event_id; kafka_topic, kafka_partition, kafka_offset
-- reads: topic user_events
-- params: none
create table if not exists raw.order_status_events (
  event_id serial primary key,
  order_id text not null,
  status text constraint order_status_events_status_known check (
    status in ('pending', 'success', 'failed', 'cancelled')
  ),
  generated_at timestamp,
  kafka_topic text not null,
  kafka_partition int not null,
  kafka_offset bigint not null,
  constraint order_status_events_message_once unique (kafka_topic, kafka_partition, kafka_offset)
);
