-- target: none, it reads the sums that must agree
-- grain: one row
-- keys: none
-- reads: staging.tmp_sources, staging.tmp_sources_fact, dwh.f_order, dwh.d_product, dwh.customer_report_datamart, dwh.craftsman_report_datamart, dwh.customer_loyalty_profile, dq.rejected_rows
-- params: none
select
  (select count(*) from staging.tmp_sources)::text as staged_orders,
  (
    select count(*)
    from (
      select distinct product_id, craftsman_id, customer_id, order_created_date
      from staging.tmp_sources_fact
    ) k
  )::text as fact_orders,
  (
    select count(*)
    from dq.rejected_rows
    where table_name in ('staging.tmp_sources', 'dwh.f_order')
  )::text as rejected_orders,
  (select count(*) from dwh.f_order)::text as stored_orders,
  (
    select coalesce(sum(p.product_price), 0)::numeric(15, 2)
    from dwh.f_order f
    join dwh.d_product p on p.product_id = f.product_id
  )::text as fact_money,
  (
    select coalesce(sum(customer_money), 0)::numeric(15, 2) from dwh.customer_report_datamart
  )::text as customer_money,
  (
    select coalesce(sum(craftsman_money + platform_money), 0)::numeric(15, 2)
    from dwh.craftsman_report_datamart
  )::text as craftsman_money,
  (
    select coalesce(sum(platform_money), 0)::numeric(15, 2) from dwh.customer_report_datamart
  )::text as platform_money,
  (
    select coalesce(sum(ltv_money), 0)::numeric(15, 2) from dwh.customer_loyalty_profile
  )::text as loyalty_money,
  (select count(*) from dwh.d_customer)::text as customers,
  (select min(report_period) from dwh.customer_report_datamart) as first_period,
  (select max(report_period) from dwh.customer_report_datamart) as last_period;
