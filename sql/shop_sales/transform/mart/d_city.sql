-- target: mart.d_city
-- grain: one city of the days of a load, as its latest order names it
-- keys: city_id
-- reads: staging.user_order_log
-- params: day_from, day_to
with affected as (
  select city_id
  from staging.user_order_log
  where date_time >= @day_from::date
    and date_time < @day_to::date
  group by city_id
), latest as (
  select a.city_id, u.city_name
  from affected a
  cross join lateral (
    select o.city_name
    from staging.user_order_log o
    where o.city_id = a.city_id
    order by o.date_time desc, o.uniq_id desc
    limit 1
  ) u
), renamed as (
  update mart.d_city d
  set city_name = l.city_name
  from latest l
  where l.city_id = d.city_id
    and l.city_name is distinct from d.city_name
  returning 1
), added as (
  insert into mart.d_city (city_id, city_name)
  select l.city_id, l.city_name
  from latest l
  where not exists (select 1 from mart.d_city d where d.city_id = l.city_id)
  order by l.city_id
  returning 1
)
select
  (select count(*) from latest) as rows_in,
  (select count(*) from renamed) + (select count(*) from added) as rows_out;
