-- target: dwh.d_product
-- grain: one product at one price
-- keys: product_id; merged by product_name, product_description, product_price
-- reads: staging.checked_sources
-- params: load_dttm
create temp table d_product_source on commit drop as
select distinct on (product_name, product_description, product_price)
  product_name, product_description, product_type, product_price
from staging.checked_sources
where reason_code is null
order by
  product_name, product_description, product_price,
  order_created_date desc, order_id desc nulls last, source_system desc, product_type;
analyze d_product_source;
merge into dwh.d_product d
using d_product_source s
  on d.product_name = s.product_name
  and d.product_description = s.product_description
  and d.product_price = s.product_price
-- A load time that moved without a change would make every row part of the next delta.
when matched and d.product_type is distinct from s.product_type then
  update set
    product_type = s.product_type,
    load_dttm = @load_dttm::timestamp
when not matched then
  insert (product_name, product_description, product_type, product_price, load_dttm)
  values (
    s.product_name, s.product_description, s.product_type, s.product_price, @load_dttm::timestamp
  );
-- The next task joins on what is new here, before autovacuum has seen it.
analyze dwh.d_product;
select
  (select count(*) from d_product_source) as rows_in,
  (select count(*) from dwh.d_product where load_dttm = @load_dttm::timestamp) as rows_out;
