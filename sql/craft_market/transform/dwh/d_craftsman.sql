-- target: dwh.d_craftsman
-- grain: one craftsman
-- keys: craftsman_id; merged by craftsman_name, craftsman_email
-- reads: staging.checked_sources
-- params: load_dttm
create temp table d_craftsman_source on commit drop as
select distinct on (craftsman_name, craftsman_email)
  craftsman_name, craftsman_address, craftsman_birthday, craftsman_email
from staging.checked_sources
where reason_code is null
order by
  craftsman_name, craftsman_email,
  order_created_date desc, order_id desc nulls last, source_system desc,
  craftsman_address, craftsman_birthday;
analyze d_craftsman_source;
merge into dwh.d_craftsman d
using d_craftsman_source s
  on d.craftsman_name = s.craftsman_name
  and d.craftsman_email = s.craftsman_email
-- A load time that moved without a change would make every row part of the next delta.
when matched and (d.craftsman_address, d.craftsman_birthday)
  is distinct from (s.craftsman_address, s.craftsman_birthday) then
  update set
    craftsman_address = s.craftsman_address,
    craftsman_birthday = s.craftsman_birthday,
    load_dttm = @load_dttm::timestamp
when not matched then
  insert (craftsman_name, craftsman_address, craftsman_birthday, craftsman_email, load_dttm)
  values (
    s.craftsman_name, s.craftsman_address, s.craftsman_birthday, s.craftsman_email, @load_dttm::timestamp
  );
-- The next task joins on what is new here, before autovacuum has seen it.
analyze dwh.d_craftsman;
select
  (select count(*) from d_craftsman_source) as rows_in,
  (select count(*) from dwh.d_craftsman where load_dttm = @load_dttm::timestamp) as rows_out;
