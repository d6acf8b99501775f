-- target: mart.d_item
-- grain: one item of the days of a load, as its latest order names it
-- keys: item_id
-- reads: staging.user_order_log
-- params: day_from, day_to
with affected as (
  select item_id
  from staging.user_order_log
  where date_time >= @day_from::date
    and date_time < @day_to::date
  group by item_id
), latest as (
  select a.item_id, u.item_name
  from affected a
  cross join lateral (
    select o.item_name
    from staging.user_order_log o
    where o.item_id = a.item_id
    order by o.date_time desc, o.uniq_id desc
    limit 1
  ) u
), renamed as (
  update mart.d_item d
  set item_name = l.item_name
  from latest l
  where l.item_id = d.item_id
    and l.item_name is distinct from d.item_name
  returning 1
), added as (
  insert into mart.d_item (item_id, item_name)
  select l.item_id, l.item_name
  from latest l
  where not exists (select 1 from mart.d_item d where d.item_id = l.item_id)
  order by l.item_id
  returning 1
)
select
  (select count(*) from latest) as rows_in,
  (select count(*) from renamed) + (select count(*) from added) as rows_out;
