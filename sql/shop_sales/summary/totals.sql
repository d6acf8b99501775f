-- target: none, it adds up
-- grain: one row
-- keys: none
-- reads: staging.user_order_log, mart.f_sales, mart.f_customer_retention, staging.dq_checks_results
-- params: none
with staged as (
  select
    count(*) as orders,
    count(*) filter (where status = 'refunded') as refunds,
    sum(case when status = 'refunded' then -payment_amount else payment_amount end) as revenue
  from staging.user_order_log
), fact as (
  select
    count(*) as orders,
    count(*) filter (where status = 'refunded') as refunds,
    sum(payment_amount) as revenue,
    sum(payment_amount) filter (where status = 'shipped') as shipped_revenue,
    min(date_id) as first_day,
    max(date_id) as last_day
  from mart.f_sales
), retention as (
  select
    count(distinct (period_year, period_id)) as weeks,
    sum(new_customers_revenue + returning_customers_revenue) as shipped_revenue,
    sum(customers_refunded) as refunds
  from mart.f_customer_retention
)
select
  s.orders as staged_orders,
  s.refunds as staged_refunds,
  s.revenue as staged_revenue,
  f.orders as sold_orders,
  f.refunds as sold_refunds,
  f.revenue as sold_revenue,
  f.shipped_revenue,
  to_date(f.first_day::text, 'YYYYMMDD') as first_day,
  to_date(f.last_day::text, 'YYYYMMDD') as last_day,
  r.weeks as retention_weeks,
  r.shipped_revenue as retention_revenue,
  r.refunds as retention_refunds,
  (select count(*) from staging.dq_checks_results where dq_check_result <> 0) as failed_checks
from staged s
cross join fact f
cross join retention r;
