-- target: a chart: places with visitors and the lowest conversion
-- grain: one row for each country, city
-- keys: country, city
-- reads: data_mart.geo_analysis
-- params: none
select country, city, sum(total_users) as visitor_days, sum(total_orders) as orders,
  round(orders / visitor_days, 4) as orders_per_visitor_day
from data_mart.geo_analysis
group by country, city
having visitor_days >= 5
order by orders_per_visitor_day, visitor_days desc, country, city
limit 20;
