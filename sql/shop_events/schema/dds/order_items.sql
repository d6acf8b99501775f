-- target: dds.order_items
-- grain: one product of an order
-- keys: order_item_id; order_id, product_id
-- reads: raw.order_items, dds.orders
-- params: none
create table if not exists dds.order_items (
  order_item_id serial primary key,
  order_id uuid not null references dds.orders (order_id),
  product_id bigint not null,
  quantity int not null constraint order_items_quantity_positive check (quantity > 0),
  price_usd numeric(18, 2) not null constraint order_items_price_natural check (price_usd >= 0),
  raw_id bigint not null,
  constraint order_items_once unique (order_id, product_id)
);
