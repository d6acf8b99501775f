-- target: every schema of the database craft_market
-- grain: one line for each object, in the order of its references; psql -f runs it as it is
-- keys: none
-- reads: nothing
-- params: none
\ir schema/etl/etl.sql
\ir ../lib/schema/etl/run_log.sql
\ir schema/etl/generator_passes.sql
\ir schema/dq/rejected_rows.sql
\ir schema/source1/source1.sql
\ir schema/source1/craft_market_wide.sql
\ir schema/source2/source2.sql
\ir schema/source2/craft_market_masters_products.sql
\ir schema/source2/craft_market_orders_customers.sql
\ir schema/source3/source3.sql
\ir schema/source3/craft_market_craftsmans.sql
\ir schema/source3/craft_market_customers.sql
\ir schema/source3/craft_market_orders.sql
\ir schema/external_source/external_source.sql
\ir schema/external_source/customers.sql
\ir schema/external_source/craft_products_orders.sql
\ir schema/staging/staging.sql
\ir schema/staging/tmp_sources.sql
\ir schema/staging/checked_sources.sql
\ir schema/staging/tmp_sources_fact.sql
\ir schema/dwh/dwh.sql
\ir schema/dwh/d_craftsman.sql
\ir schema/dwh/d_customer.sql
\ir schema/dwh/d_product.sql
\ir schema/dwh/f_order.sql
\ir schema/dwh/customer_report_datamart.sql
\ir schema/dwh/craftsman_report_datamart.sql
\ir schema/dwh/load_dates_customer_report_datamart.sql
\ir schema/dwh/load_dates_craftsman_report_datamart.sql
\ir schema/dwh/full_years.sql
\ir schema/dwh/customer_loyalty_profile.sql
\ir schema/dwh/orders_report_materialized_view.sql
