-- target: staging.file_user_order_log
-- grain: one row of a file of orders, as it was read last
-- keys: load_key, number
-- reads: user_order_log.csv, user_order_log_inc.csv
-- params: none
create table if not exists staging.file_user_order_log (
  load_key text not null,
  number bigint not null,
  uniq_id text,
  date_time timestamp,
  city_id int,
  city_name text,
  customer_id int,
  first_name text,
  last_name text,
  item_id int,
  item_name text,
  quantity bigint,
  payment_amount numeric(10, 2),
  status text,
  reason_code text,
  payload jsonb
) partition by list (load_key);

create unlogged table if not exists staging.file_user_order_log_history
  partition of staging.file_user_order_log for values in ('history');

create unlogged table if not exists staging.file_user_order_log_increment
  partition of staging.file_user_order_log default;
