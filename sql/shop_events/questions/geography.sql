-- target: a chart: revenue by place
-- grain: one row for each country, city
-- keys: country, city
-- reads: data_mart.geo_analysis
-- params: none
select country, city, sum(total_revenue) as revenue, sum(total_orders) as orders
from data_mart.geo_analysis
group by country, city
order by revenue desc, country, city;
