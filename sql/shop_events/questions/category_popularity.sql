-- target: a chart: which categories most customers buy, and how often
-- grain: one row for each category_name
-- keys: category_name
-- reads: data_mart.category_performance
-- params: none
select category_name, sum(orders_count) as orders, sum(unique_customers) as customer_days
from data_mart.category_performance
group by category_name
order by orders desc, category_name;
