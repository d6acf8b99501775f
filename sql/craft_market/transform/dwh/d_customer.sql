-- target: dwh.d_customer
-- grain: one customer
-- keys: customer_id; merged by customer_name, customer_email
-- reads: staging.checked_sources
-- params: load_dttm
create temp table d_customer_source on commit drop as
select distinct on (customer_name, customer_email)
  customer_name, customer_address, customer_birthday, customer_email
from staging.checked_sources
where reason_code is null
order by
  customer_name, customer_email,
  order_created_date desc, order_id desc nulls last, source_system desc,
  customer_address, customer_birthday;
analyze d_customer_source;
merge into dwh.d_customer d
using d_customer_source s
  on d.customer_name = s.customer_name
  and d.customer_email = s.customer_email
-- A load time that moved without a change would make every row part of the next delta.
when matched and (d.customer_address, d.customer_birthday)
  is distinct from (s.customer_address, s.customer_birthday) then
  update set
    customer_address = s.customer_address,
    customer_birthday = s.customer_birthday,
    load_dttm = @load_dttm::timestamp
when not matched then
  insert (customer_name, customer_address, customer_birthday, customer_email, load_dttm)
  values (
    s.customer_name, s.customer_address, s.customer_birthday, s.customer_email, @load_dttm::timestamp
  );
-- The next task joins on what is new here, before autovacuum has seen it.
analyze dwh.d_customer;
select
  (select count(*) from d_customer_source) as rows_in,
  (select count(*) from dwh.d_customer where load_dttm = @load_dttm::timestamp) as rows_out;
