-- target: a chart: sessions, their length and their conversion by hour of day
-- grain: one row for each hour
-- keys: hour
-- reads: data_mart.session_analytics
-- params: none
select toHour(start_time) as hour, count() as sessions, round(avg(duration_seconds)) as seconds,
  round(avg(conversion_flag), 4) as conversion
from data_mart.session_analytics
group by hour
order by hour;
