-- target: dwh.craftsman_report_datamart
-- grain: one craftsman in one month
-- keys: id; upserted by craftsman_id, report_period
-- reads: dwh.f_order, dwh.d_product, dwh.d_craftsman, dwh.d_customer, dwh.load_dates_craftsman_report_datamart
-- params: rebuild
create temp table craftsman_report_window on commit drop as
select
  coalesce(
    (select max(load_dttm) from dwh.load_dates_craftsman_report_datamart), '1900-01-01'
  ) as after_dttm,
  -- What the sources of the mart hold now, not the time: a merge that commits later is later than this.
  greatest(
    (select max(load_dttm) from dwh.f_order),
    (select max(load_dttm) from dwh.d_product),
    (select max(load_dttm) from dwh.d_craftsman),
    (select max(load_dttm) from dwh.d_customer)
  ) as until_dttm;
analyze craftsman_report_window;
create temp table craftsman_report_key on commit drop as
-- Distinct by union: a key listed twice would count its orders twice.
select o.craftsman_id, date_trunc('month', o.order_created_date)::date as month
from dwh.f_order o
join craftsman_report_window w on o.load_dttm > w.after_dttm and o.load_dttm <= w.until_dttm
union
select o.craftsman_id, date_trunc('month', o.order_created_date)::date
from dwh.d_product d
join craftsman_report_window w on d.load_dttm > w.after_dttm and d.load_dttm <= w.until_dttm
join dwh.f_order o on o.product_id = d.product_id
union
select o.craftsman_id, date_trunc('month', o.order_created_date)::date
from dwh.d_craftsman d
join craftsman_report_window w on d.load_dttm > w.after_dttm and d.load_dttm <= w.until_dttm
join dwh.f_order o on o.craftsman_id = d.craftsman_id
union
select o.craftsman_id, date_trunc('month', o.order_created_date)::date
from dwh.d_customer d
join craftsman_report_window w on d.load_dttm > w.after_dttm and d.load_dttm <= w.until_dttm
join dwh.f_order o on o.customer_id = d.customer_id
union
select o.craftsman_id, date_trunc('month', o.order_created_date)::date
from dwh.f_order o
where @rebuild::boolean;
analyze craftsman_report_key;
delete from dwh.craftsman_report_datamart m
where @rebuild::boolean
  and not exists (
    select from craftsman_report_key k
    where k.craftsman_id = m.craftsman_id
      and to_char(k.month, 'YYYY-MM') = m.report_period
  );
create temp table craftsman_report_row on commit drop as
with orders as (
  select
    k.craftsman_id,
    k.month,
    o.order_status,
    o.order_completion_date - o.order_created_date as days_to_complete,
    p.product_price,
    p.product_type,
    -- The age at the end of the month, so that a month reads the same whenever it is computed.
    dwh.full_years(u.customer_birthday, (k.month + interval '1 month')::date - 1) as customer_age
  from craftsman_report_key k
  join dwh.f_order o
    on o.craftsman_id = k.craftsman_id
    -- A range, and not the month of the order, so that the index finds the orders of one key.
    and o.order_created_date >= k.month
    and o.order_created_date < (k.month + interval '1 month')::date
  join dwh.d_product p on p.product_id = o.product_id
  join dwh.d_customer u on u.customer_id = o.customer_id
), totals as (
  select
    craftsman_id,
    month,
    sum(product_price) as product_money,
    count(*) as count_order,
    avg(product_price) as avg_price_order,
    avg(customer_age) as avg_age_customer,
    percentile_cont(0.5) within group (order by days_to_complete) as median_time_order_completed,
    count(*) filter (where order_status = 'created') as count_order_created,
    count(*) filter (where order_status = 'in progress') as count_order_in_progress,
    count(*) filter (where order_status = 'delivery') as count_order_delivery,
    count(*) filter (where order_status = 'done') as count_order_done,
    count(*) filter (where order_status <> 'done') as count_order_not_done
  from orders
  group by craftsman_id, month
), categories as (
  select distinct on (craftsman_id, month) craftsman_id, month, product_type
  from orders
  group by craftsman_id, month, product_type
  order by
    craftsman_id, month, count(*) desc, lower(product_type) collate "C", product_type collate "C"
)
select
  t.craftsman_id,
  d.craftsman_name,
  d.craftsman_address,
  d.craftsman_birthday,
  d.craftsman_email,
  (0.90 * t.product_money)::numeric(15, 2) as craftsman_money,
  (0.10 * t.product_money)::numeric(15, 2) as platform_money,
  t.count_order,
  t.avg_price_order::numeric(10, 2) as avg_price_order,
  least(t.avg_age_customer, 99.9)::numeric(3, 1) as avg_age_customer,
  t.median_time_order_completed::numeric(10, 1) as median_time_order_completed,
  g.product_type as top_product_category,
  t.count_order_created,
  t.count_order_in_progress,
  t.count_order_delivery,
  t.count_order_done,
  t.count_order_not_done,
  to_char(t.month, 'YYYY-MM') as report_period
from totals t
join categories g on g.craftsman_id = t.craftsman_id and g.month = t.month
join dwh.d_craftsman d on d.craftsman_id = t.craftsman_id;
create temp table craftsman_report_count on commit drop as
with upserted as (
  insert into dwh.craftsman_report_datamart as m (
    craftsman_id, craftsman_name, craftsman_address, craftsman_birthday, craftsman_email,
    craftsman_money, platform_money, count_order, avg_price_order, avg_age_customer,
    median_time_order_completed, top_product_category, count_order_created,
    count_order_in_progress, count_order_delivery, count_order_done, count_order_not_done,
    report_period
  )
  select
    craftsman_id, craftsman_name, craftsman_address, craftsman_birthday, craftsman_email,
    craftsman_money, platform_money, count_order, avg_price_order, avg_age_customer,
    median_time_order_completed, top_product_category, count_order_created,
    count_order_in_progress, count_order_delivery, count_order_done, count_order_not_done,
    report_period
  from craftsman_report_row
  on conflict on constraint craftsman_report_datamart_natural_key do update set
    craftsman_name = excluded.craftsman_name,
    craftsman_address = excluded.craftsman_address,
    craftsman_birthday = excluded.craftsman_birthday,
    craftsman_email = excluded.craftsman_email,
    craftsman_money = excluded.craftsman_money,
    platform_money = excluded.platform_money,
    count_order = excluded.count_order,
    avg_price_order = excluded.avg_price_order,
    avg_age_customer = excluded.avg_age_customer,
    median_time_order_completed = excluded.median_time_order_completed,
    top_product_category = excluded.top_product_category,
    count_order_created = excluded.count_order_created,
    count_order_in_progress = excluded.count_order_in_progress,
    count_order_delivery = excluded.count_order_delivery,
    count_order_done = excluded.count_order_done,
    count_order_not_done = excluded.count_order_not_done
  where (
    m.craftsman_name, m.craftsman_address, m.craftsman_birthday, m.craftsman_email,
    m.craftsman_money, m.platform_money, m.count_order, m.avg_price_order, m.avg_age_customer,
    m.median_time_order_completed, m.top_product_category, m.count_order_created,
    m.count_order_in_progress, m.count_order_delivery, m.count_order_done, m.count_order_not_done
  ) is distinct from (
    excluded.craftsman_name, excluded.craftsman_address, excluded.craftsman_birthday,
    excluded.craftsman_email, excluded.craftsman_money, excluded.platform_money,
    excluded.count_order, excluded.avg_price_order, excluded.avg_age_customer,
    excluded.median_time_order_completed, excluded.top_product_category,
    excluded.count_order_created, excluded.count_order_in_progress, excluded.count_order_delivery,
    excluded.count_order_done, excluded.count_order_not_done
  )
  returning 1
)
select
  (select count(*) from craftsman_report_key) as rows_in,
  (select count(*) from upserted) as rows_out;
analyze dwh.craftsman_report_datamart;
insert into dwh.load_dates_craftsman_report_datamart (load_dttm)
select w.until_dttm
from craftsman_report_window w
where w.until_dttm > w.after_dttm
  and exists (select from craftsman_report_key);
select rows_in, rows_out
from craftsman_report_count;
