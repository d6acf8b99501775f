-- target: mart.d_customer
-- grain: one customer, as the latest order names them
-- keys: customer_id
-- reads: staging.user_order_log
-- params: none
create table if not exists mart.d_customer (
  id serial primary key,
  customer_id int not null unique,
  first_name varchar(100),
  last_name varchar(100),
  city_id int references mart.d_city (city_id)
);
