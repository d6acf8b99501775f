-- target: source2.craft_market_orders_customers
-- grain: one order with its customer
-- keys: order_id
-- reads: source2.craft_market_masters_products
-- params: none
create table if not exists source2.craft_market_orders_customers (
  order_id bigint generated always as identity primary key,
  order_created_date date,
  order_completion_date date,
  order_status varchar not null,
  craftsman_id bigint not null constraint orders_customers_craftsman_known
    references source2.craft_market_masters_products on delete restrict,
  product_id bigint not null,
  customer_id bigint generated always as identity,
  customer_name varchar,
  customer_address varchar not null,
  customer_birthday date,
  customer_email varchar not null
);
