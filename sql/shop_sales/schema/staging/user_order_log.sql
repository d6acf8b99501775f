-- target: staging.user_order_log
-- grain: one order or refund
-- keys: uniq_id
-- reads: user_order_log.csv, user_order_log_inc.csv
-- params: none
create table if not exists staging.user_order_log (
  uniq_id varchar(32) primary key,
  date_time timestamp not null,
  city_id int not null,
  city_name varchar(100),
  customer_id int not null,
  first_name varchar(100),
  last_name varchar(100),
  item_id int not null,
  item_name varchar(100),
  quantity bigint,
  payment_amount numeric(10, 2)
);
create index if not exists user_order_log_by_customer on staging.user_order_log (customer_id);
create index if not exists user_order_log_by_item on staging.user_order_log (item_id);
create index if not exists user_order_log_by_day on staging.user_order_log (date_time);
