-- target: dds.user_locations
-- grain: one place of a user; the greatest last_seen_at is the latest
-- keys: location_id; user_id, city, country, lat, lon
-- reads: raw.user_locations, dds.users
-- params: none
create table if not exists dds.user_locations (
  location_id serial primary key,
  user_id bigint not null references dds.users (user_id),
  city text,
  country text,
  lat double precision,
  lon double precision,
  last_seen_at timestamp not null,
  raw_id bigint not null,
  constraint user_locations_once unique nulls not distinct (user_id, city, country, lat, lon)
);
