-- target: data_mart.campaign_performance
-- grain: one campaign
-- keys: campaign_id, start_date
-- reads: dds.campaigns, dds.campaign_events, dds.sessions, dds.orders
-- params: clip_outliers
with touched as (
  select
    e.campaign_id,
    min(e.generated_at)::date as start_date,
    max(e.generated_at)::date as end_date,
    count(distinct e.user_id) as unique_users,
    sum(e.cost) as cost
  from dds.campaign_events e
  group by e.campaign_id
), user_day as (
  select distinct e.campaign_id, e.user_id, e.generated_at::date as event_date
  from dds.campaign_events e
), visited as (
  select d.campaign_id, count(*) as total_sessions
  from user_day d
  join dds.sessions s on s.user_id = d.user_id and s.start_ts::date = d.event_date
  group by d.campaign_id
), sold as (
  -- The last campaign that met the user in the fortnight before the order gets all of it.
  select t.campaign_id, count(*) as total_orders, sum(o.total_usd) as total_revenue
  from dds.orders o
  cross join lateral (
    select e.campaign_id
    from dds.campaign_events e
    where e.user_id = o.user_id
      and e.generated_at <= o.order_ts
      and e.generated_at >= o.order_ts - interval '14 days'
    order by e.generated_at desc, e.campaign_id
    limit 1
  ) t
  where o.status = 'success'
  group by t.campaign_id
), measured as (
  select
    t.campaign_id,
    coalesce(c.campaign_name, 'Unknown') as campaign_name,
    t.start_date,
    t.end_date,
    coalesce(v.total_sessions, 0) as total_sessions,
    coalesce(s.total_orders, 0) as total_orders,
    coalesce(s.total_revenue, 0) as total_revenue,
    t.unique_users,
    coalesce(round(s.total_orders::numeric / nullif(v.total_sessions, 0), 4), 0) as conversion_rate,
    coalesce(round(s.total_revenue / nullif(s.total_orders, 0), 2), 0) as avg_order_value,
    t.cost,
    coalesce(round((coalesce(s.total_revenue, 0) - t.cost) / nullif(t.cost, 0), 4), 0) as roi
  from touched t
  join dds.campaigns c on c.campaign_id = t.campaign_id
  left join visited v on v.campaign_id = t.campaign_id
  left join sold s on s.campaign_id = t.campaign_id
)
select
  campaign_id,
  campaign_name,
  start_date,
  end_date,
  total_sessions,
  total_orders,
  case when @clip_outliers::boolean then least(total_revenue, 10000) else total_revenue end as total_revenue,
  unique_users,
  case when @clip_outliers::boolean then least(conversion_rate, 1) else conversion_rate end
    as conversion_rate,
  case when @clip_outliers::boolean then least(avg_order_value, 10000) else avg_order_value end
    as avg_order_value,
  cost,
  case when @clip_outliers::boolean then greatest(least(roi, 100), -100) else roi end as roi
from measured
