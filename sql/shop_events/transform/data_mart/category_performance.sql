-- target: data_mart.category_performance
-- grain: one category on a day of successful orders
-- keys: category_name, event_date
-- reads: dds.order_items, dds.orders, dds.products, dds.categories
-- params: clip_outliers
with measured as (
  select
    coalesce(c.category_name, 'Unknown') as category_name,
    o.order_ts::date as event_date,
    sum(i.quantity) as total_quantity,
    sum(i.price_usd * i.quantity) as total_revenue,
    count(distinct i.order_id) as orders_count,
    count(distinct o.user_id) as unique_customers
  from dds.order_items i
  join dds.orders o on o.order_id = i.order_id
  left join dds.products p on p.product_id = i.product_id
  left join dds.categories c on c.category_id = p.category_id
  where o.status = 'success'
  group by coalesce(c.category_name, 'Unknown'), o.order_ts::date
), valued as (
  select
    category_name,
    total_quantity,
    total_revenue,
    orders_count,
    unique_customers,
    round(total_revenue / orders_count, 2) as avg_order_value,
    event_date
  from measured
)
select
  category_name,
  total_quantity,
  case when @clip_outliers::boolean then least(total_revenue, 10000) else total_revenue end as total_revenue,
  orders_count,
  unique_customers,
  case when @clip_outliers::boolean then least(avg_order_value, 10000) else avg_order_value end
    as avg_order_value,
  event_date
from valued
