-- target: dwh.customer_loyalty_profile
-- grain: one customer who ordered something
-- keys: customer_id
-- reads: dwh.customer_report_datamart, dwh.f_order, dwh.d_product
-- params: none
create or replace view dwh.customer_loyalty_profile as
with lifetime as (
  select
    m.customer_id,
    min(m.customer_name) as customer_name,
    min(m.customer_email) as customer_email,
    min(m.customer_birthday) as customer_birthday,
    sum(m.customer_money)::numeric(15, 2) as ltv_money,
    sum(m.platform_money)::numeric(15, 2) as ltv_platform_money,
    sum(m.count_order)::bigint as lifetime_orders,
    count(*) as months_active,
    min(m.report_period) as first_period,
    max(m.report_period) as last_period
  from dwh.customer_report_datamart m
  group by m.customer_id
), ordered as (
  select customer_id, max(order_created_date) as last_order_date
  from dwh.f_order
  group by customer_id
), favourite as (
  select distinct on (o.customer_id) o.customer_id, p.product_type
  from dwh.f_order o
  join dwh.d_product p on p.product_id = o.product_id
  group by o.customer_id, p.product_type
  order by
    o.customer_id, count(*) desc, lower(p.product_type) collate "C", p.product_type collate "C"
)
select
  l.customer_id,
  l.customer_name,
  l.customer_email,
  l.ltv_money,
  l.ltv_platform_money,
  l.lifetime_orders,
  (l.ltv_money / l.lifetime_orders)::numeric(10, 2) as lifetime_avg_check,
  l.months_active,
  l.first_period,
  l.last_period,
  dwh.full_years(l.customer_birthday, (now() at time zone 'utc')::date) as customer_age,
  (now() at time zone 'utc')::date - o.last_order_date as days_since_last_order,
  f.product_type as favourite_category,
  ntile(4) over (order by l.ltv_money desc, l.customer_id) as loyalty_tier
from lifetime l
join ordered o on o.customer_id = l.customer_id
join favourite f on f.customer_id = l.customer_id;
