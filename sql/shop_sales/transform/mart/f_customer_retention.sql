-- target: mart.f_customer_retention
-- grain: one item in one ISO week of the days of a load
-- keys: period_name, period_year, period_id, item_id
-- reads: mart.f_sales, mart.d_calendar
-- params: day_from, day_to, classification_scope
delete from mart.f_customer_retention
where period_name = 'weekly'
  and (period_year, period_id) in (
    select extract(isoyear from c.date_actual)::int, c.week_of_year
    from mart.d_calendar c
    where c.date_actual >= date_trunc('week', @day_from::date)
      and c.date_actual < @day_to::date
  );

with added as (
  insert into mart.f_customer_retention (
    new_customers_count, returning_customers_count, refunded_customer_count, period_name,
    period_id, item_id, new_customers_revenue, returning_customers_revenue, customers_refunded,
    period_year
  )
  select
    new_customers_count, returning_customers_count, refunded_customer_count, period_name,
    period_id, item_id, new_customers_revenue, returning_customers_revenue, customers_refunded,
    period_year
  from mart.customer_retention(
    date_trunc('week', @day_from::date)::date,
    date_trunc('week', @day_to::date - 1)::date + 7,
    @classification_scope::text
  )
  order by period_year, period_id, item_id
  returning 1
)
select
  count(*) as rows_in,
  count(*) as rows_out
from added;
