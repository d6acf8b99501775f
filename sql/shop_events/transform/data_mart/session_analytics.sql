-- target: data_mart.session_analytics
-- grain: one session with both ends
-- keys: start_time, user_id
-- reads: dds.sessions, dds.users, dds.user_devices
-- params: none
with latest_device as (
  select distinct on (d.user_id) d.user_id, d.device_type, d.os, d.browser
  from dds.user_devices d
  order by d.user_id, d.last_seen_at desc, d.raw_id desc
)
select
  s.session_id,
  s.user_id,
  s.start_ts as start_time,
  s.end_ts as end_time,
  floor(extract(epoch from s.end_ts - s.start_ts))::int as duration_seconds,
  s.event_count as events_count,
  s.page_views_count,
  s.orders_count,
  (s.orders_count > 0)::int as conversion_flag,
  coalesce(d.device_type, 'Unknown') as device_type,
  coalesce(d.browser, 'Unknown') as browser,
  coalesce(d.os, 'Unknown') as os,
  coalesce(u.city, 'Unknown') as city,
  coalesce(u.country, 'Unknown') as country
from dds.sessions s
join dds.users u on u.user_id = s.user_id
left join latest_device d on d.user_id = s.user_id
where s.end_ts >= s.start_ts
