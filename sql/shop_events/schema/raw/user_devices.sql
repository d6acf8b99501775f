-- target: raw.user_devices
-- grain: one message of type user_device
-- keys: user_device_id; kafka_topic, kafka_partition, kafka_offset
-- reads: topic user_events
-- params: none
create table if not exists raw.user_devices (
  user_device_id serial primary key,
  user_id text,
  device_type text,
  os text,
  browser text,
  received_at timestamp default now(),
  generated_at timestamp,
  kafka_topic text not null,
  kafka_partition int not null,
  kafka_offset bigint not null,
  constraint user_devices_message_once unique (kafka_topic, kafka_partition, kafka_offset)
);
