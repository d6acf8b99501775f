-- target: mart.f_customer_retention
-- grain: one item in one ISO week of the sales that are there
-- keys: period_name, period_year, period_id, item_id
-- reads: mart.f_sales
-- params: none
insert into mart.f_customer_retention (
  new_customers_count, returning_customers_count, refunded_customer_count, period_name, period_id,
  item_id, new_customers_revenue, returning_customers_revenue, customers_refunded, period_year
)
select
  new_customers_count, returning_customers_count, refunded_customer_count, period_name, period_id,
  item_id, new_customers_revenue, returning_customers_revenue, customers_refunded, period_year
from mart.customer_retention('-infinity', 'infinity', 'item');
