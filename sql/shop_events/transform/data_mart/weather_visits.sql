-- target: data_mart.weather_visits
-- grain: sessions of a day by place and weather
-- keys: event_date, city, temp_band, weather_desc
-- reads: dds.sessions, dds.events, dds.orders
-- params: clip_outliers
with first_weather as (
  select distinct on (e.session_id) e.session_id, e.city, e.weather_temp, e.weather_desc
  from dds.events e
  where e.weather_temp is not null
    and e.session_id is not null
  order by e.session_id, e."timestamp", e.event_id
), sold as (
  select e.session_id, count(distinct o.order_id) as orders
  from dds.events e
  join dds.orders o on o.order_id = e.order_id
  where e.event_type = 'purchase'
    and o.status = 'success'
  group by e.session_id
), visit as (
  select
    s.start_ts::date as event_date,
    coalesce(nullif(w.city, ''), 'Unknown') as city,
    case
      when w.weather_temp < 0 then 'below 0'
      when w.weather_temp < 10 then '0 to 10'
      when w.weather_temp < 20 then '10 to 20'
      when w.weather_temp < 30 then '20 to 30'
      when w.weather_temp >= 30 then '30 and above'
      else 'Unknown'
    end as temp_band,
    coalesce(w.weather_desc, 'Unknown') as weather_desc,
    coalesce(o.orders, 0) as orders
  from dds.sessions s
  left join first_weather w on w.session_id = s.session_id
  left join sold o on o.session_id = s.session_id
  where s.start_ts is not null
), measured as (
  select
    event_date,
    city,
    temp_band,
    weather_desc,
    count(*) as sessions,
    sum(orders) as orders,
    round(sum(orders) / count(*), 4) as conversion
  from visit
  group by event_date, city, temp_band, weather_desc
)
select
  event_date,
  city,
  temp_band,
  weather_desc,
  sessions,
  orders,
  case when @clip_outliers::boolean then least(conversion, 1) else conversion end as conversion
from measured
