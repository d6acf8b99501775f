-- target: dds.checked_user_locations
-- grain: one row of raw.user_locations, typed, with the reason why dds.user_locations refuses it
-- keys: raw_id
-- reads: raw.user_locations
-- params: none
create or replace view dds.checked_user_locations as
select
  l.user_location_id as raw_id,
  case when dds.is_user_id(l.user_id) then l.user_id::bigint end as user_id,
  l.city,
  l.country,
  l.lat,
  l.lon,
  coalesce(l.generated_at, l.received_at) as happened_at,
  case
    when l.user_id is null or not dds.is_user_id(l.user_id) then 'user_id_invalid'
    when abs(l.lat) > 90 or abs(l.lon) > 180 then 'coordinates_out_of_range'
  end as reason_code
from raw.user_locations l;
