-- target: raw.events
-- grain: one message of type event, signup, session_start, session_end or churn
-- keys: kafka_topic, kafka_partition, kafka_offset
-- reads: one batch of the topic, parsed
-- params: rows
with landed as (
  insert into raw.events (
    user_id, session_id, event_type, product_id, product_name, product_category, order_id, quantity,
    city, country, lat, lon, cost_usd, cost_eur, cost_rub, weather_temp, weather_desc, "timestamp",
    enrich_source, kafka_topic, kafka_partition, kafka_offset
  )
  select
    user_id, session_id, event_type, product_id, product_name, product_category, order_id, quantity,
    city, country, lat, lon, cost_usd, cost_eur, cost_rub, weather_temp, weather_desc, "timestamp",
    enrich_source, kafka_topic, kafka_partition, kafka_offset
  from json_to_recordset(@rows::json) as r (
    user_id text, session_id text, event_type text, product_id int, product_name text,
    product_category text, order_id text, quantity int, city text, country text,
    lat double precision, lon double precision, cost_usd numeric, cost_eur numeric,
    cost_rub numeric, weather_temp numeric, weather_desc text, "timestamp" timestamp,
    enrich_source jsonb, kafka_topic text, kafka_partition int, kafka_offset bigint
  )
  on conflict on constraint events_message_once do nothing
  returning 1
)
select count(*) as rows_out
from landed;
