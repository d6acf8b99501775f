-- target: dds.categories
-- grain: one product category
-- keys: category_id; category_name
-- reads: raw.events
-- params: none
create table if not exists dds.categories (
  category_id serial primary key,
  category_name text not null constraint categories_name_once unique
);
