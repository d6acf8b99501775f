-- target: mart.d_customer
-- grain: one customer whom the days of a load name or named, by the latest order of all
-- keys: customer_id
-- reads: staging.user_order_log, mart.f_sales
-- params: day_from, day_to
with affected as (
  select customer_id
  from staging.user_order_log
  where date_time >= @day_from::date
    and date_time < @day_to::date
  union
  -- Who is no longer in the files of these days may be named by an older order again.
  select customer_id
  from mart.f_sales
  where date_id >= to_char(@day_from::date, 'YYYYMMDD')::int
    and date_id < to_char(@day_to::date, 'YYYYMMDD')::int
), latest as (
  select distinct on (u.customer_id)
    u.customer_id, u.first_name, u.last_name, u.city_id
  from staging.user_order_log u
  join affected a on a.customer_id = u.customer_id
  order by u.customer_id, u.date_time desc, u.uniq_id desc
), changed as (
  update mart.d_customer d
  set
    first_name = l.first_name,
    last_name = l.last_name,
    city_id = l.city_id
  from latest l
  where l.customer_id = d.customer_id
    and (l.first_name, l.last_name, l.city_id) is distinct from
      (d.first_name, d.last_name, d.city_id)
  returning 1
), added as (
  insert into mart.d_customer (customer_id, first_name, last_name, city_id)
  select l.customer_id, l.first_name, l.last_name, l.city_id
  from latest l
  where not exists (select 1 from mart.d_customer d where d.customer_id = l.customer_id)
  order by l.customer_id
  returning 1
)
select
  (select count(*) from latest) as rows_in,
  (select count(*) from changed) + (select count(*) from added) as rows_out;
