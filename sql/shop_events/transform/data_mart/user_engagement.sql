-- target: data_mart.user_engagement
-- grain: one user with a session, an event or an order
-- keys: user_id
-- reads: dds.sessions, dds.events, dds.orders
-- params: as_of, clip_outliers
with session_sum as (
  select
    s.user_id,
    count(*) as sessions_count,
    avg(extract(epoch from s.end_ts - s.start_ts)) filter (where s.end_ts >= s.start_ts)
      as avg_duration,
    min(s.start_ts)::date as first_session_date,
    max(s.start_ts)::date as last_session_date
  from dds.sessions s
  where s.start_ts is not null
  group by s.user_id
), event_sum as (
  select e.user_id, count(*) as total_events
  from dds.events e
  group by e.user_id
), order_sum as (
  select o.user_id, count(*) as total_orders, sum(o.total_usd) as total_revenue
  from dds.orders o
  where o.status = 'success'
  group by o.user_id
)
-- Each source is one row for a user before they meet, so that none multiplies another.
select
  u.user_id,
  coalesce(s.sessions_count, 0) as sessions_count,
  coalesce(e.total_events, 0) as total_events,
  coalesce(round(s.avg_duration, 2), 0) as avg_session_duration_seconds,
  coalesce(round(e.total_events::numeric / s.sessions_count, 4), 0) as avg_pages_per_session,
  s.first_session_date,
  s.last_session_date,
  coalesce(o.total_orders, 0) as total_orders,
  case when @clip_outliers::boolean then least(coalesce(o.total_revenue, 0), 10000)
    else coalesce(o.total_revenue, 0)
  end as total_revenue,
  greatest(@as_of::date - s.last_session_date, 0) as days_since_last_activity
from dds.users u
left join session_sum s on s.user_id = u.user_id
left join event_sum e on e.user_id = u.user_id
left join order_sum o on o.user_id = u.user_id
where s.user_id is not null
  or e.user_id is not null
  or o.user_id is not null
