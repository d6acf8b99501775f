-- target: mart.f_sales
-- grain: one order; with the migrations also one refund
-- keys: uniq_id
-- reads: staging.user_order_log
-- params: none
create table if not exists mart.f_sales (
  id serial primary key,
  date_id int not null references mart.d_calendar (date_id),
  item_id int not null references mart.d_item (item_id),
  customer_id int not null references mart.d_customer (customer_id),
  city_id int not null references mart.d_city (city_id),
  quantity bigint,
  payment_amount numeric(10, 2),
  uniq_id varchar(32) unique
);
create index if not exists f_sales_by_date on mart.f_sales (date_id);
create index if not exists f_sales_by_customer on mart.f_sales (customer_id);
