-- target: source3.craft_market_orders
-- grain: one order with its product
-- keys: order_id
-- reads: source3.craft_market_craftsmans, source3.craft_market_customers
-- params: none
create table if not exists source3.craft_market_orders (
  order_id bigint generated always as identity primary key,
  order_created_date date,
  order_completion_date date,
  order_status varchar not null,
  craftsman_id bigint not null constraint orders_craftsman_known
    references source3.craft_market_craftsmans on delete restrict,
  customer_id bigint not null constraint orders_customer_known
    references source3.craft_market_customers on delete restrict,
  product_id bigint generated always as identity,
  product_name varchar not null,
  product_description varchar not null,
  product_type varchar not null,
  product_price int8 not null
);
