-- target: dds.checked_user_devices
-- grain: one row of raw.user_devices, typed, with the reason why dds.user_devices refuses it
-- keys: raw_id
-- reads: raw.user_devices
-- params: none
create or replace view dds.checked_user_devices as
select
  d.user_device_id as raw_id,
  case when dds.is_user_id(d.user_id) then d.user_id::bigint end as user_id,
  d.device_type,
  d.os,
  d.browser,
  coalesce(d.generated_at, d.received_at) as happened_at,
  case when d.user_id is null or not dds.is_user_id(d.user_id) then 'user_id_invalid' end as reason_code
from raw.user_devices d;
