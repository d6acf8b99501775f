-- target: raw.order_items
-- grain: one message of type order_item
-- keys: raw_order_item_id; kafka_topic, kafka_partition, kafka_offset
-- reads: topic user_events
-- params: none
create table if not exists raw.order_items (
  raw_order_item_id serial primary key,
  order_id text,
  product_id int,
  quantity int,
  price_usd numeric(18, 2),
  received_at timestamp default now(),
  generated_at timestamp,
  kafka_topic text not null,
  kafka_partition int not null,
  kafka_offset bigint not null,
  constraint order_items_message_once unique (kafka_topic, kafka_partition, kafka_offset)
);
