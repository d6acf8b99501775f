-- target: none, it reads how many rows the tables hold
-- grain: one table
-- keys: table_name
-- reads: every table of the warehouse
-- params: none
select 'source1.craft_market_wide' as table_name, count(*) as row_count from source1.craft_market_wide
union all
select 'source2.craft_market_masters_products', count(*) from source2.craft_market_masters_products
union all
select 'source2.craft_market_orders_customers', count(*) from source2.craft_market_orders_customers
union all
select 'source3.craft_market_craftsmans', count(*) from source3.craft_market_craftsmans
union all
select 'source3.craft_market_customers', count(*) from source3.craft_market_customers
union all
select 'source3.craft_market_orders', count(*) from source3.craft_market_orders
union all
select 'external_source.craft_products_orders', count(*) from external_source.craft_products_orders
union all
select 'external_source.customers', count(*) from external_source.customers
union all
select 'staging.tmp_sources', count(*) from staging.tmp_sources
union all
select 'staging.tmp_sources_fact', count(*) from staging.tmp_sources_fact
union all
select 'dwh.d_craftsman', count(*) from dwh.d_craftsman
union all
select 'dwh.d_customer', count(*) from dwh.d_customer
union all
select 'dwh.d_product', count(*) from dwh.d_product
union all
select 'dwh.f_order', count(*) from dwh.f_order
union all
select 'dwh.customer_report_datamart', count(*) from dwh.customer_report_datamart
union all
select 'dwh.craftsman_report_datamart', count(*) from dwh.craftsman_report_datamart
union all
select 'dwh.customer_loyalty_profile', count(*) from dwh.customer_loyalty_profile
union all
select 'dwh.orders_report_materialized_view', count(*) from dwh.orders_report_materialized_view
union all
select 'dq.rejected_rows', count(*) from dq.rejected_rows;
