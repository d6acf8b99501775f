-- target: dwh.orders_report_materialized_view
-- grain: one month
-- keys: report_period
-- reads: dwh.f_order, dwh.d_product, dwh.d_craftsman, dwh.d_customer
-- params: none
create materialized view if not exists dwh.orders_report_materialized_view as
with orders as (
  select
    to_char(o.order_created_date, 'YYYY-MM') as report_period,
    (date_trunc('month', o.order_created_date) + interval '1 month')::date - 1 as last_day,
    p.product_price,
    c.craftsman_birthday,
    u.customer_birthday,
    o.order_status,
    o.order_completion_date - o.order_created_date as days_to_complete
  from dwh.f_order o
  join dwh.d_product p on p.product_id = o.product_id
  join dwh.d_craftsman c on c.craftsman_id = o.craftsman_id
  join dwh.d_customer u on u.customer_id = o.customer_id
)
select
  report_period,
  sum(product_price)::numeric(15, 2) as total_money,
  count(*) as total_products,
  avg(dwh.full_years(craftsman_birthday, last_day))::numeric(10, 1) as avg_age_craftsman,
  avg(dwh.full_years(customer_birthday, last_day))::numeric(10, 1) as avg_age_customer,
  count(*) filter (where order_status = 'created') as count_order_created,
  count(*) filter (where order_status = 'in progress') as count_order_in_progress,
  count(*) filter (where order_status = 'delivery') as count_order_delivery,
  count(*) filter (where order_status = 'done') as count_order_done,
  count(*) filter (where order_status <> 'done') as count_order_not_done,
  avg(days_to_complete)::numeric(10, 1) as avg_time_order_completed,
  percentile_cont(0.5) within group (order by days_to_complete)::numeric(10, 1)
    as median_time_order_completed
from orders
group by report_period;
create unique index if not exists orders_report_materialized_view_key
  on dwh.orders_report_materialized_view (report_period);
