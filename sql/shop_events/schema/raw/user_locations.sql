-- target: raw.user_locations
-- grain: one message of type user_location, without its weather
-- keys: user_location_id; kafka_topic, kafka_partition, kafka_offset
-- reads: topic user_events
-- params: none
create table if not exists raw.user_locations (
  user_location_id serial primary key,
  user_id text,
  city text,
  country text,
  lat double precision,
  lon double precision,
  received_at timestamp default now(),
  generated_at timestamp,
  enrich_source jsonb,
  kafka_topic text not null,
  kafka_partition int not null,
  kafka_offset bigint not null,
  constraint user_locations_message_once unique (kafka_topic, kafka_partition, kafka_offset)
);
create index if not exists user_locations_by_user on raw.user_locations (user_id);
