-- target: dwh.customer_report_datamart
-- grain: one customer in one month
-- keys: id; upserted by customer_id, report_period
-- reads: dwh.f_order, dwh.d_product, dwh.d_craftsman, dwh.d_customer, dwh.load_dates_customer_report_datamart
-- params: rebuild
create temp table customer_report_window on commit drop as
select
  coalesce(
    (select max(load_dttm) from dwh.load_dates_customer_report_datamart), '1900-01-01'
  ) as after_dttm,
  -- What the sources of the mart hold now, not the time: a merge that commits later is later than this.
  greatest(
    (select max(load_dttm) from dwh.f_order),
    (select max(load_dttm) from dwh.d_product),
    (select max(load_dttm) from dwh.d_craftsman),
    (select max(load_dttm) from dwh.d_customer)
  ) as until_dttm;
analyze customer_report_window;
create temp table customer_report_key on commit drop as
-- Distinct by union: a key listed twice would count its orders twice.
select o.customer_id, date_trunc('month', o.order_created_date)::date as month
from dwh.f_order o
join customer_report_window w on o.load_dttm > w.after_dttm and o.load_dttm <= w.until_dttm
union
select o.customer_id, date_trunc('month', o.order_created_date)::date
from dwh.d_product d
join customer_report_window w on d.load_dttm > w.after_dttm and d.load_dttm <= w.until_dttm
join dwh.f_order o on o.product_id = d.product_id
union
select o.customer_id, date_trunc('month', o.order_created_date)::date
from dwh.d_craftsman d
join customer_report_window w on d.load_dttm > w.after_dttm and d.load_dttm <= w.until_dttm
join dwh.f_order o on o.craftsman_id = d.craftsman_id
union
select o.customer_id, date_trunc('month', o.order_created_date)::date
from dwh.d_customer d
join customer_report_window w on d.load_dttm > w.after_dttm and d.load_dttm <= w.until_dttm
join dwh.f_order o on o.customer_id = d.customer_id
union
select o.customer_id, date_trunc('month', o.order_created_date)::date
from dwh.f_order o
where @rebuild::boolean;
analyze customer_report_key;
delete from dwh.customer_report_datamart m
where @rebuild::boolean
  and not exists (
    select from customer_report_key k
    where k.customer_id = m.customer_id
      and to_char(k.month, 'YYYY-MM') = m.report_period
  );
create temp table customer_report_row on commit drop as
with orders as (
  select
    k.customer_id,
    k.month,
    o.craftsman_id as order_craftsman_id,
    o.order_status,
    o.order_completion_date - o.order_created_date as days_to_complete,
    p.product_price,
    p.product_type
  from customer_report_key k
  join dwh.f_order o
    on o.customer_id = k.customer_id
    -- A range, and not the month of the order, so that the index finds the orders of one key.
    and o.order_created_date >= k.month
    and o.order_created_date < (k.month + interval '1 month')::date
  join dwh.d_product p on p.product_id = o.product_id
), totals as (
  select
    customer_id,
    month,
    sum(product_price) as product_money,
    count(*) as count_order,
    avg(product_price) as avg_price_order,
    percentile_cont(0.5) within group (order by days_to_complete) as median_time_order_completed,
    count(*) filter (where order_status = 'created') as count_order_created,
    count(*) filter (where order_status = 'in progress') as count_order_in_progress,
    count(*) filter (where order_status = 'delivery') as count_order_delivery,
    count(*) filter (where order_status = 'done') as count_order_done,
    count(*) filter (where order_status <> 'done') as count_order_not_done
  from orders
  group by customer_id, month
), categories as (
  select distinct on (customer_id, month) customer_id, month, product_type
  from orders
  group by customer_id, month, product_type
  order by
    customer_id, month, count(*) desc, lower(product_type) collate "C", product_type collate "C"
), craftsmen as (
  select distinct on (customer_id, month) customer_id, month, order_craftsman_id
  from orders
  group by customer_id, month, order_craftsman_id
  order by customer_id, month, count(*) desc, order_craftsman_id
)
select
  t.customer_id,
  d.customer_name,
  d.customer_address,
  d.customer_birthday,
  d.customer_email,
  t.product_money::numeric(15, 2) as customer_money,
  (0.10 * t.product_money)::numeric(15, 2) as platform_money,
  t.count_order,
  t.avg_price_order::numeric(10, 2) as avg_price_order,
  t.median_time_order_completed::numeric(10, 1) as median_time_order_completed,
  g.product_type as top_product_category,
  c.order_craftsman_id as top_craftsman_id,
  t.count_order_created,
  t.count_order_in_progress,
  t.count_order_delivery,
  t.count_order_done,
  t.count_order_not_done,
  to_char(t.month, 'YYYY-MM') as report_period
from totals t
join categories g on g.customer_id = t.customer_id and g.month = t.month
join craftsmen c on c.customer_id = t.customer_id and c.month = t.month
join dwh.d_customer d on d.customer_id = t.customer_id;
create temp table customer_report_count on commit drop as
with upserted as (
  insert into dwh.customer_report_datamart as m (
    customer_id, customer_name, customer_address, customer_birthday, customer_email,
    customer_money, platform_money, count_order, avg_price_order, median_time_order_completed,
    top_product_category, top_craftsman_id, count_order_created, count_order_in_progress,
    count_order_delivery, count_order_done, count_order_not_done, report_period
  )
  select
    customer_id, customer_name, customer_address, customer_birthday, customer_email,
    customer_money, platform_money, count_order, avg_price_order, median_time_order_completed,
    top_product_category, top_craftsman_id, count_order_created, count_order_in_progress,
    count_order_delivery, count_order_done, count_order_not_done, report_period
  from customer_report_row
  on conflict on constraint customer_report_datamart_natural_key do update set
    customer_name = excluded.customer_name,
    customer_address = excluded.customer_address,
    customer_birthday = excluded.customer_birthday,
    customer_email = excluded.customer_email,
    customer_money = excluded.customer_money,
    platform_money = excluded.platform_money,
    count_order = excluded.count_order,
    avg_price_order = excluded.avg_price_order,
    median_time_order_completed = excluded.median_time_order_completed,
    top_product_category = excluded.top_product_category,
    top_craftsman_id = excluded.top_craftsman_id,
    count_order_created = excluded.count_order_created,
    count_order_in_progress = excluded.count_order_in_progress,
    count_order_delivery = excluded.count_order_delivery,
    count_order_done = excluded.count_order_done,
    count_order_not_done = excluded.count_order_not_done
  where (
    m.customer_name, m.customer_address, m.customer_birthday, m.customer_email, m.customer_money,
    m.platform_money, m.count_order, m.avg_price_order, m.median_time_order_completed,
    m.top_product_category, m.top_craftsman_id, m.count_order_created, m.count_order_in_progress,
    m.count_order_delivery, m.count_order_done, m.count_order_not_done
  ) is distinct from (
    excluded.customer_name, excluded.customer_address, excluded.customer_birthday,
    excluded.customer_email, excluded.customer_money, excluded.platform_money,
    excluded.count_order, excluded.avg_price_order, excluded.median_time_order_completed,
    excluded.top_product_category, excluded.top_craftsman_id, excluded.count_order_created,
    excluded.count_order_in_progress, excluded.count_order_delivery, excluded.count_order_done,
    excluded.count_order_not_done
  )
  returning 1
)
select
  (select count(*) from customer_report_key) as rows_in,
  (select count(*) from upserted) as rows_out;
analyze dwh.customer_report_datamart;
insert into dwh.load_dates_customer_report_datamart (load_dttm)
select w.until_dttm
from customer_report_window w
where w.until_dttm > w.after_dttm
  and exists (select from customer_report_key);
select rows_in, rows_out
from customer_report_count;
