-- target: none, it adds up staged orders, facts and rejects
-- grain: one row: whether they agree
-- keys: none
-- reads: staging.tmp_sources, staging.tmp_sources_fact, dwh.f_order, dq.rejected_rows
-- params: none
select
  (select count(*) from staging.tmp_sources)
  = (
    select count(*)
    from dwh.f_order f
    where exists (
      select from staging.tmp_sources_fact s
      where s.product_id = f.product_id
        and s.craftsman_id = f.craftsman_id
        and s.customer_id = f.customer_id
        and s.order_created_date = f.order_created_date
    )
  ) + (
    select count(*)
    from dq.rejected_rows
    where table_name in ('staging.tmp_sources', 'dwh.f_order')
  ) as agrees;
