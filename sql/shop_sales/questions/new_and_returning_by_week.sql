-- target: none, it answers how many customers of a week came back in it
-- grain: one ISO week
-- keys: period_year, period_id
-- reads: mart.f_customer_retention
-- params: none
select
  period_year || '-W' || lpad(period_id::text, 2, '0') as week,
  sum(new_customers_count) as new_customers,
  sum(returning_customers_count) as returning_customers,
  sum(new_customers_revenue) as new_revenue,
  sum(returning_customers_revenue) as returning_revenue,
  sum(customers_refunded) as refunds
from mart.f_customer_retention
where period_name = 'weekly'
group by period_year, period_id
order by period_year, period_id;
