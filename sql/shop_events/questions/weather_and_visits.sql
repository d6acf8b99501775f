-- target: a chart: visits and conversion by weather
-- grain: one row for each temp_band, weather_desc
-- keys: temp_band, weather_desc
-- reads: data_mart.weather_visits
-- params: none
select temp_band, weather_desc, sum(sessions) as visits, sum(orders) as ordered,
  round(ordered / visits, 4) as conversion
from data_mart.weather_visits
group by temp_band, weather_desc
order by visits desc, temp_band, weather_desc;
