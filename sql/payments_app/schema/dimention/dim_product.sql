-- target: dimention.dim_product
-- grain: one product by its code
-- keys: product_sk; product_code
-- reads: nothing
-- params: none
create table if not exists dimention.dim_product (
  product_sk bigint generated always as identity constraint dim_product_pkey primary key,
  name text,
  product_code text not null constraint dim_product_once unique
);
