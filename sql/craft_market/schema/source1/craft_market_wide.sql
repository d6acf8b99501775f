-- target: source1.craft_market_wide
-- grain: one order with everything about it
-- keys: id
-- reads: nothing
-- params: none
create table if not exists source1.craft_market_wide (
  id bigint generated always as identity primary key,
  craftsman_id bigint generated always as identity,
  craftsman_name varchar not null,
  craftsman_address varchar not null,
  craftsman_birthday date not null,
  craftsman_email varchar not null,
  product_id bigint generated always as identity,
  product_name varchar not null,
  product_description varchar not null,
  product_type varchar not null,
  product_price int8 not null,
  order_id bigint generated always as identity,
  order_created_date date,
  order_completion_date date,
  order_status varchar not null,
  customer_id bigint generated always as identity,
  customer_name varchar,
  customer_address varchar,
  customer_birthday date,
  customer_email varchar not null
);
