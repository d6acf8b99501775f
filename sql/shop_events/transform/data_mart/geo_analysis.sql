-- target: data_mart.geo_analysis
-- grain: one known place of users on a day
-- keys: country, city, event_date
-- reads: dds.users, dds.sessions, dds.orders
-- params: clip_outliers
with place as (
  select u.user_id, u.city, u.country
  from dds.users u
  where u.city not in ('', 'Unknown', 'Antarctica')
    and u.country not in ('', 'Unknown', 'Antarctica')
), session_day as (
  select
    p.country,
    p.city,
    s.start_ts::date as event_date,
    count(distinct s.user_id) as total_users,
    count(*) as total_sessions
  from dds.sessions s
  join place p on p.user_id = s.user_id
  where s.start_ts is not null
  group by p.country, p.city, s.start_ts::date
), order_day as (
  select
    p.country,
    p.city,
    o.order_ts::date as event_date,
    count(*) as total_orders,
    sum(o.total_usd) as total_revenue
  from dds.orders o
  join place p on p.user_id = o.user_id
  where o.status = 'success'
  group by p.country, p.city, o.order_ts::date
), measured as (
  select
    city,
    country,
    coalesce(s.total_users, 0) as total_users,
    coalesce(o.total_orders, 0) as total_orders,
    coalesce(o.total_revenue, 0) as total_revenue,
    coalesce(round(o.total_revenue / nullif(o.total_orders, 0), 2), 0) as avg_order_value,
    coalesce(round(o.total_orders::numeric / nullif(s.total_sessions, 0), 4), 0) as conversion_rate,
    event_date
  from session_day s
  full join order_day o using (country, city, event_date)
)
select
  city,
  country,
  total_users,
  total_orders,
  case when @clip_outliers::boolean then least(total_revenue, 10000) else total_revenue end as total_revenue,
  case when @clip_outliers::boolean then least(avg_order_value, 10000) else avg_order_value end
    as avg_order_value,
  case when @clip_outliers::boolean then least(conversion_rate, 1) else conversion_rate end
    as conversion_rate,
  event_date
from measured
