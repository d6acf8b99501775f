-- target: dds.events
-- grain: one event of a user
-- keys: event_id; user_id, event_type, timestamp
-- reads: raw.events, dds.users
-- params: none
create table if not exists dds.events (
  event_id serial primary key,
  user_id bigint not null references dds.users (user_id),
  event_type text not null,
  "timestamp" timestamp not null,
  session_id uuid,
  product_id bigint,
  product_name text,
  product_category text,
  order_id uuid,
  quantity int,
  cost_usd numeric(18, 2),
  cost_eur numeric(18, 2),
  cost_rub numeric(18, 2),
  weather_temp numeric(5, 2),
  weather_desc text,
  city text,
  country text,
  lat double precision,
  lon double precision,
  constraint events_once unique (user_id, "timestamp", event_type)
);
create index if not exists events_by_session on dds.events (session_id);
create index if not exists events_by_time on dds.events using brin ("timestamp");
