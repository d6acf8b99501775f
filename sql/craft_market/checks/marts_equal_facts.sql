-- target: none, it compares the money and the orders of both marts with the facts
-- grain: one row: whether they agree
-- keys: none
-- reads: dwh.customer_report_datamart, dwh.craftsman_report_datamart, dwh.f_order, dwh.d_product
-- params: none
with fact as (
  select coalesce(sum(p.product_price), 0)::numeric as money, count(*) as orders
  from dwh.f_order f
  join dwh.d_product p on p.product_id = f.product_id
), customer as (
  select coalesce(sum(customer_money), 0) as money, coalesce(sum(count_order), 0) as orders
  from dwh.customer_report_datamart
), craftsman as (
  select
    coalesce(sum(craftsman_money + platform_money), 0) as money,
    coalesce(sum(count_order), 0) as orders
  from dwh.craftsman_report_datamart
)
select
  f.money = u.money and f.orders = u.orders and f.money = c.money and f.orders = c.orders as agrees
from fact f
cross join customer u
cross join craftsman c;
