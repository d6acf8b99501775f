-- target: a chart: sales by category (bar)
-- grain: one row for each category_name
-- keys: category_name
-- reads: data_mart.category_performance
-- params: none
select category_name, sum(total_revenue) as revenue, sum(total_quantity) as quantity
from data_mart.category_performance
group by category_name
order by revenue desc, category_name;
