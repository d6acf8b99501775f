-- target: dds.users
-- grain: one user
-- keys: user_id
-- reads: raw.user_profiles, raw.user_locations, raw.events
-- params: none
create table if not exists dds.users (
  user_id bigint primary key,
  name text,
  email text,
  birth_date date,
  gender text constraint users_gender_known check (gender in ('male', 'female')),
  city text,
  country text
);
