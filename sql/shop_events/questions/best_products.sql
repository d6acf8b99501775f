-- target: a chart: the products that earn most
-- grain: one row for each product_id
-- keys: product_id
-- reads: data_mart.product_performance
-- params: none
select product_id, any(product_name) as name, any(category_name) as category, sum(total_revenue) as revenue
from data_mart.product_performance
group by product_id
order by revenue desc, product_id
limit 10;
