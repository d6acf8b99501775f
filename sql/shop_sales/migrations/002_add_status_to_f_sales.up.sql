-- target: mart.f_sales, mart.v_f_sales_signed
-- grain: one order or refund; those that are there are shipped, but for the amounts below zero of a way back
-- keys: uniq_id
-- reads: nothing
-- params: none
alter table mart.f_sales
  add column status varchar(20) not null default 'shipped'
  constraint f_sales_status_known check (status in ('shipped', 'refunded'));

update mart.f_sales
set status = 'refunded'
where payment_amount < 0;

create view mart.v_f_sales_signed as
select
  id,
  date_id,
  item_id,
  customer_id,
  city_id,
  case when status = 'refunded' then -quantity else quantity end as quantity,
  payment_amount,
  status,
  uniq_id
from mart.f_sales;
