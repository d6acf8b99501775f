-- target: raw.user_profiles
-- grain: one message of type user_profile
-- keys: user_profile_id; kafka_topic, kafka_partition, kafka_offset
-- reads: topic user_events
-- params: none
create table if not exists raw.user_profiles (
  user_profile_id serial primary key,
  user_id text,
  name text,
  email text,
  birth_date date,
  gender text,
  received_at timestamp default now(),
  generated_at timestamp,
  kafka_topic text not null,
  kafka_partition int not null,
  kafka_offset bigint not null,
  constraint user_profiles_message_once unique (kafka_topic, kafka_partition, kafka_offset)
);
create index if not exists user_profiles_by_user on raw.user_profiles (user_id);
