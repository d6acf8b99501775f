-- target: mart.f_sales
-- grain: one order or refund of the days of a load; refunds with an amount below zero
-- keys: uniq_id
-- reads: staging.user_order_log, mart.d_calendar
-- params: day_from, day_to
-- What stays the same keeps its id, so that a load that is run again leaves the table as it was.
create temporary table day_sale on commit drop as
select
  c.date_id,
  u.item_id,
  u.customer_id,
  u.city_id,
  u.quantity,
  (case when u.status = 'refunded' then -u.payment_amount else u.payment_amount end)
    as payment_amount,
  u.status,
  u.uniq_id
from staging.user_order_log u
join mart.d_calendar c on c.date_actual = u.date_time::date
where u.date_time >= @day_from::date
  and u.date_time < @day_to::date;

create index on day_sale (uniq_id);
analyze day_sale;

delete from mart.f_sales f
where f.date_id >= to_char(@day_from::date, 'YYYYMMDD')::int
  and f.date_id < to_char(@day_to::date, 'YYYYMMDD')::int
  and not exists (select 1 from day_sale d where d.uniq_id = f.uniq_id);

delete from mart.f_sales f
using day_sale d
where d.uniq_id = f.uniq_id
  and (d.date_id, d.item_id, d.customer_id, d.city_id, d.quantity, d.payment_amount, d.status)
    is distinct from
    (f.date_id, f.item_id, f.customer_id, f.city_id, f.quantity, f.payment_amount, f.status);

with added as (
  insert into mart.f_sales (
    date_id, item_id, customer_id, city_id, quantity, payment_amount, status, uniq_id
  )
  select
    d.date_id, d.item_id, d.customer_id, d.city_id, d.quantity, d.payment_amount, d.status, d.uniq_id
  from day_sale d
  where not exists (select 1 from mart.f_sales f where f.uniq_id = d.uniq_id)
  order by d.date_id, d.uniq_id
  returning 1
)
select
  (select count(*) from day_sale) as rows_in,
  (select count(*) from added) as rows_out;
