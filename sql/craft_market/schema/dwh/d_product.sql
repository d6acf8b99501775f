-- target: dwh.d_product
-- grain: one product at one price; a new price is a new product
-- keys: product_id; naturally product_name, product_description, product_price
-- reads: nothing
-- params: none
create table if not exists dwh.d_product (
  product_id bigint generated always as identity primary key,
  product_name varchar not null,
  product_description varchar not null,
  product_type varchar not null,
  product_price bigint not null constraint d_product_price_positive check (product_price > 0),
  load_dttm timestamp not null
);
-- Of the description its digest: a text of more than 2,700 bytes does not fit into an index.
create unique index if not exists d_product_natural_key
  on dwh.d_product (product_name, md5(product_description), product_price);
create index if not exists d_product_load_dttm on dwh.d_product (load_dttm);
