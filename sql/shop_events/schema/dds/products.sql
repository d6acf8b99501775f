-- target: dds.products
-- grain: one product
-- keys: product_id
-- reads: raw.events, dds.categories
-- params: none
create table if not exists dds.products (
  product_id bigint primary key,
  product_name text not null,
  category_id int not null references dds.categories (category_id)
);
