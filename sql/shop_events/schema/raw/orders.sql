-- target: raw.orders
-- grain: one message of type order
-- keys: raw_order_id; kafka_topic, kafka_partition, kafka_offset
-- reads: topic user_events
-- params: none
create table if not exists raw.orders (
  raw_order_id serial primary key,
  order_id text,
  user_id text,
  order_ts timestamp,
  total_usd numeric(18, 2),
  campaign_id text,
  received_at timestamp default now(),
  generated_at timestamp,
  kafka_topic text not null,
  kafka_partition int not null,
  kafka_offset bigint not null,
  constraint orders_message_once unique (kafka_topic, kafka_partition, kafka_offset)
);
