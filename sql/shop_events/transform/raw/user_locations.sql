-- target: raw.user_locations
-- grain: one message of type user_location
-- keys: kafka_topic, kafka_partition, kafka_offset
-- reads: one batch of the topic, parsed
-- params: rows
with landed as (
  insert into raw.user_locations (
    user_id, city, country, lat, lon, generated_at, enrich_source,
    kafka_topic, kafka_partition, kafka_offset
  )
  select
    user_id, city, country, lat, lon, generated_at, enrich_source,
    kafka_topic, kafka_partition, kafka_offset
  from json_to_recordset(@rows::json) as r (
    user_id text, city text, country text, lat double precision, lon double precision,
    generated_at timestamp, enrich_source jsonb,
    kafka_topic text, kafka_partition int, kafka_offset bigint
  )
  on conflict on constraint user_locations_message_once do nothing
  returning 1
)
select count(*) as rows_out
from landed;
