-- target: dds.user_devices
-- grain: one device of a user; the greatest last_seen_at is the latest
-- keys: device_id; user_id, device_type, os, browser
-- reads: raw.user_devices, dds.users
-- params: none
create table if not exists dds.user_devices (
  device_id serial primary key,
  user_id bigint not null references dds.users (user_id),
  device_type text,
  os text,
  browser text,
  last_seen_at timestamp not null,
  raw_id bigint not null,
  constraint user_devices_once unique nulls not distinct (user_id, device_type, os, browser)
);
