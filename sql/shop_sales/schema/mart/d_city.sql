-- target: mart.d_city
-- grain: one city
-- keys: city_id
-- reads: staging.user_order_log
-- params: none
create table if not exists mart.d_city (
  id serial primary key,
  city_id int unique,
  city_name varchar(100)
);
