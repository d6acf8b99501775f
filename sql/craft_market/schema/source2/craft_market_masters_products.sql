-- target: source2.craft_market_masters_products
-- grain: one craftsman with the one product that he makes
-- keys: craftsman_id
-- reads: nothing
-- params: none
create table if not exists source2.craft_market_masters_products (
  craftsman_id bigint generated always as identity primary key,
  craftsman_name varchar not null,
  craftsman_address varchar not null,
  craftsman_birthday date not null,
  craftsman_email varchar not null,
  product_id bigint generated always as identity,
  product_name varchar not null,
  product_description varchar not null,
  product_type varchar not null,
  product_price int8 not null
);
