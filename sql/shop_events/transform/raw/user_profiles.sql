-- target: raw.user_profiles
-- grain: one message of type user_profile
-- keys: kafka_topic, kafka_partition, kafka_offset
-- reads: one batch of the topic, parsed
-- params: rows
with landed as (
  insert into raw.user_profiles (
    user_id, name, email, birth_date, gender, generated_at, kafka_topic, kafka_partition, kafka_offset
  )
  select
    user_id, name, email, birth_date, gender, generated_at, kafka_topic, kafka_partition, kafka_offset
  from json_to_recordset(@rows::json) as r (
    user_id text, name text, email text, birth_date date, gender text, generated_at timestamp,
    kafka_topic text, kafka_partition int, kafka_offset bigint
  )
  on conflict on constraint user_profiles_message_once do nothing
  returning 1
)
select count(*) as rows_out
from landed;
