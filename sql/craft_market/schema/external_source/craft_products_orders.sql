-- target: external_source.craft_products_orders
-- grain: one order with its craftsman and its product
-- keys: id
-- reads: external_source.customers
-- params: none
create table if not exists external_source.craft_products_orders (
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
  customer_id int8 not null constraint craft_products_orders_customer_known
    references external_source.customers on delete restrict
);
