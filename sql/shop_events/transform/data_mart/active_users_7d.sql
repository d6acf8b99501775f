-- target: data_mart.active_users_7d
-- grain: one day; active is the window of seven days that ends with it
-- keys: event_date
-- reads: dds.sessions
-- params: as_of
with visit as materialized (
  select distinct s.user_id, s.start_ts::date as visit_date
  from dds.sessions s
  where s.start_ts is not null
), step as materialized (
  select
    v.visit_date,
    lag(v.visit_date) over by_user as previous_date,
    lead(v.visit_date) over by_user as next_date
  from visit v
  window by_user as (partition by v.user_id order by v.visit_date)
), change as (
  -- A visit counts until the next one: active on its day and six more, churned on the seven after those.
  select visit_date as event_date, 1 as active, 0 as churned
  from step
  union all
  select least(visit_date + 7, next_date), -1, 0
  from step
  union all
  select visit_date + 7, 0, 1
  from step
  where next_date is null
    or next_date > visit_date + 7
  union all
  select least(visit_date + 14, next_date), 0, -1
  from step
  where next_date is null
    or next_date > visit_date + 7
), change_day as (
  select event_date, sum(active) as active, sum(churned) as churned
  from change
  group by event_date
), visit_day as (
  select
    visit_date as event_date,
    count(*) as dau,
    count(*) filter (where previous_date is null) as new_users,
    count(*) filter (where previous_date <= visit_date - 7) as reactivated_users
  from step
  group by visit_date
), day as (
  select generate_series(
    min(visit_date),
    greatest(max(visit_date), least(max(visit_date) + 13, @as_of::date)),
    interval '1 day'
  )::date as event_date
  from step
), running as (
  select
    d.event_date,
    sum(coalesce(c.active, 0)) over (order by d.event_date) as active_users_count,
    sum(coalesce(c.churned, 0)) over (order by d.event_date) as churned_users
  from day d
  left join change_day c on c.event_date = d.event_date
)
select
  r.event_date,
  r.active_users_count,
  r.active_users_count - coalesce(v.new_users, 0) as returning_users,
  coalesce(v.new_users, 0) as new_users,
  r.churned_users,
  coalesce(v.reactivated_users, 0) as reactivated_users,
  coalesce(v.dau, 0) as dau
from running r
left join visit_day v on v.event_date = r.event_date
