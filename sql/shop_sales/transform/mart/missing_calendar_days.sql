-- target: none, it looks for days that the calendar lacks
-- grain: one day
-- keys: day
-- reads: staging.user_order_log, mart.d_calendar
-- params: day_from, day_to
select distinct u.date_time::date as day
from staging.user_order_log u
left join mart.d_calendar c on c.date_actual = u.date_time::date
where u.date_time >= @day_from::date
  and u.date_time < @day_to::date
  and c.date_id is null
order by day
limit 5;
