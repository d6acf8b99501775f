-- target: none, it counts
-- grain: one table
-- keys: table_name
-- reads: staging, mart, dq
-- params: none
select 'staging.user_order_log' as table_name, count(*) as row_count from staging.user_order_log
union all
select 'staging.user_activity_log', count(*) from staging.user_activity_log
union all
select 'staging.customer_research', count(*) from staging.customer_research
union all
select 'staging.price_log', count(*) from staging.price_log
union all
select 'staging.dq_checks_results', count(*) from staging.dq_checks_results
union all
select 'mart.d_calendar', count(*) from mart.d_calendar
union all
select 'mart.d_city', count(*) from mart.d_city
union all
select 'mart.d_item', count(*) from mart.d_item
union all
select 'mart.d_customer', count(*) from mart.d_customer
union all
select 'mart.f_sales', count(*) from mart.f_sales
union all
select 'mart.f_customer_retention', count(*) from mart.f_customer_retention
union all
select 'dq.rejected_rows', count(*) from dq.rejected_rows;
