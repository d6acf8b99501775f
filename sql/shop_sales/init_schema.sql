-- target: the schemas of the database shop_sales, as they were before the shop gave money back
-- grain: one line for each object, in the order of its references; psql -f runs it as it is
-- keys: none
-- reads: nothing
-- params: none
\ir schema/etl/etl.sql
\ir ../lib/schema/etl/run_log.sql
\ir schema/etl/migrations.sql
\ir schema/dq/rejected_rows.sql
\ir schema/staging/user_order_log.sql
\ir schema/staging/user_activity_log.sql
\ir schema/staging/customer_research.sql
\ir schema/staging/price_log.sql
\ir schema/staging/dq_checks_results.sql
\ir schema/staging/file_user_order_log.sql
\ir schema/staging/file_user_activity_log.sql
\ir schema/staging/file_customer_research.sql
\ir schema/staging/file_price_log.sql
\ir schema/mart/d_calendar.sql
\ir schema/mart/d_city.sql
\ir schema/mart/d_item.sql
\ir schema/mart/d_customer.sql
\ir schema/mart/f_sales.sql
