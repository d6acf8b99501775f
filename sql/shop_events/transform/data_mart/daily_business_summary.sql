-- target: data_mart.daily_business_summary
-- grain: one day from the first to the last with an order or a session
-- keys: event_date
-- reads: dds.orders, dds.sessions
-- params: clip_outliers
with order_day as (
  select
    o.order_ts::date as event_date,
    count(*) as total_orders,
    count(distinct o.user_id) as unique_customers,
    count(*) filter (where o.status = 'success') as successful_orders,
    coalesce(sum(o.total_usd) filter (where o.status = 'success'), 0) as total_revenue
  from dds.orders o
  group by o.order_ts::date
), session_day as (
  select s.start_ts::date as event_date, count(*) as total_sessions
  from dds.sessions s
  where s.start_ts is not null
  group by s.start_ts::date
), newcomer_day as (
  select f.event_date, count(*) as new_users
  from (
    select o.user_id, min(o.order_ts)::date as event_date
    from dds.orders o
    where o.status = 'success'
    group by o.user_id
  ) f
  group by f.event_date
), span as (
  select min(b.event_date) as first_date, max(b.event_date) as last_date
  from (
    select event_date from order_day
    union all
    select event_date from session_day
  ) b
), day as (
  select generate_series(first_date, last_date, interval '1 day')::date as event_date
  from span
), measured as (
  select
    d.event_date,
    coalesce(o.total_revenue, 0) as total_revenue,
    coalesce(o.total_orders, 0) as total_orders,
    coalesce(o.unique_customers, 0) as unique_customers,
    coalesce(round(o.total_revenue / nullif(o.successful_orders, 0), 2), 0) as avg_order_value,
    coalesce(round(o.successful_orders::numeric / nullif(s.total_sessions, 0), 4), 0) as conversion_rate,
    coalesce(n.new_users, 0) as new_users,
    coalesce(s.total_sessions, 0) as total_sessions,
    coalesce(o.successful_orders, 0) as successful_orders
  from day d
  left join order_day o on o.event_date = d.event_date
  left join session_day s on s.event_date = d.event_date
  left join newcomer_day n on n.event_date = d.event_date
)
select
  event_date,
  case when @clip_outliers::boolean then least(total_revenue, 10000) else total_revenue end as total_revenue,
  total_orders,
  unique_customers,
  case when @clip_outliers::boolean then least(avg_order_value, 10000) else avg_order_value end
    as avg_order_value,
  case when @clip_outliers::boolean then least(conversion_rate, 1) else conversion_rate end
    as conversion_rate,
  new_users,
  total_sessions,
  successful_orders
from measured
