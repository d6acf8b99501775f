-- target: raw.events
-- grain: one message of type event, signup, session_start, session_end or churn
-- keys: event_id; kafka_topic, kafka_partition, kafka_offset
-- reads: topic user_events
-- params: none
create table if not exists raw.events (
  event_id serial primary key,
  user_id text,
  session_id text,
  event_type text,
  product_id int,
  product_name text,
  product_category text,
  order_id text,
  quantity int,
  city text,
  country text,
  lat double precision,
  lon double precision,
  cost_usd numeric(18, 2),
  cost_eur numeric(18, 2),
  cost_rub numeric(18, 2),
  weather_temp numeric(5, 2),
  weather_desc text,
  "timestamp" timestamp not null,
  enrich_source jsonb,
  kafka_topic text not null,
  kafka_partition int not null,
  kafka_offset bigint not null,
  constraint events_message_once unique (kafka_topic, kafka_partition, kafka_offset)
);
create index if not exists events_by_time on raw.events using brin ("timestamp");
