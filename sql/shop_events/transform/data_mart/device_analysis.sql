-- target: data_mart.device_analysis
-- grain: one kind of device on a day
-- keys: device_type, os, browser, event_date
-- reads: dds.user_devices, dds.sessions, dds.orders
-- params: clip_outliers
with latest_device as (
  select distinct on (d.user_id) d.user_id, d.device_type, d.os, d.browser
  from dds.user_devices d
  order by d.user_id, d.last_seen_at desc, d.raw_id desc
), device as (
  select
    u.user_id,
    coalesce(d.device_type, 'Unknown') as device_type,
    coalesce(d.os, 'Unknown') as os,
    coalesce(d.browser, 'Unknown') as browser
  from dds.users u
  left join latest_device d on d.user_id = u.user_id
), session_day as (
  select
    d.device_type,
    d.os,
    d.browser,
    s.start_ts::date as event_date,
    count(distinct s.user_id) as total_users,
    count(*) as total_sessions,
    avg(extract(epoch from s.end_ts - s.start_ts)) filter (where s.end_ts >= s.start_ts)
      as avg_session_duration
  from dds.sessions s
  join device d on d.user_id = s.user_id
  where s.start_ts is not null
  group by d.device_type, d.os, d.browser, s.start_ts::date
), order_day as (
  select
    d.device_type,
    d.os,
    d.browser,
    o.order_ts::date as event_date,
    count(*) as total_orders,
    sum(o.total_usd) as total_revenue
  from dds.orders o
  join device d on d.user_id = o.user_id
  where o.status = 'success'
  group by d.device_type, d.os, d.browser, o.order_ts::date
), measured as (
  select
    device_type,
    os,
    browser,
    coalesce(s.total_users, 0) as total_users,
    coalesce(s.total_sessions, 0) as total_sessions,
    coalesce(o.total_orders, 0) as total_orders,
    coalesce(o.total_revenue, 0) as total_revenue,
    coalesce(round(s.avg_session_duration, 2), 0) as avg_session_duration,
    coalesce(round(o.total_orders::numeric / nullif(s.total_sessions, 0), 4), 0) as conversion_rate,
    event_date
  from session_day s
  full join order_day o using (device_type, os, browser, event_date)
)
select
  device_type,
  os,
  browser,
  total_users,
  total_sessions,
  total_orders,
  case when @clip_outliers::boolean then least(total_revenue, 10000) else total_revenue end as total_revenue,
  avg_session_duration,
  case when @clip_outliers::boolean then least(conversion_rate, 1) else conversion_rate end
    as conversion_rate,
  event_date
from measured
