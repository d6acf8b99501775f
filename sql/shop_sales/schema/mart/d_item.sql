-- target: mart.d_item
-- grain: one item
-- keys: item_id
-- reads: staging.user_order_log
-- params: none
create table if not exists mart.d_item (
  id serial primary key,
  item_id int not null unique,
  item_name varchar(100)
);
