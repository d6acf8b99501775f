-- target: data_mart.product_performance
-- grain: one product on a day of successful orders
-- keys: category_name, product_id, event_date
-- reads: dds.order_items, dds.orders, dds.products, dds.categories
-- params: clip_outliers
with measured as (
  select
    i.product_id,
    o.order_ts::date as event_date,
    sum(i.quantity) as total_quantity,
    sum(i.price_usd * i.quantity) as total_revenue,
    round(avg(i.price_usd), 2) as avg_price,
    count(distinct i.order_id) as orders_count,
    count(distinct o.user_id) as unique_customers
  from dds.order_items i
  join dds.orders o on o.order_id = i.order_id
  where o.status = 'success'
  group by i.product_id, o.order_ts::date
)
select
  m.product_id,
  coalesce(p.product_name, 'Unknown') as product_name,
  coalesce(c.category_name, 'Unknown') as category_name,
  m.total_quantity,
  case when @clip_outliers::boolean then least(m.total_revenue, 10000) else m.total_revenue end
    as total_revenue,
  m.avg_price,
  m.orders_count,
  m.unique_customers,
  m.event_date
from measured m
left join dds.products p on p.product_id = m.product_id
left join dds.categories c on c.category_id = p.category_id
