-- target: dwh.f_order
-- grain: one order: one product, once, of one craftsman for one customer on one day
-- keys: order_id; naturally product_id, craftsman_id, customer_id, order_created_date
-- reads: dwh.d_product, dwh.d_craftsman, dwh.d_customer
-- params: none
create table if not exists dwh.f_order (
  order_id bigint generated always as identity primary key,
  product_id bigint not null constraint f_order_product_known
    references dwh.d_product on delete restrict,
  craftsman_id bigint not null constraint f_order_craftsman_known
    references dwh.d_craftsman on delete restrict,
  customer_id bigint not null constraint f_order_customer_known
    references dwh.d_customer on delete restrict,
  order_created_date date not null,
  order_completion_date date,
  order_status varchar not null constraint f_order_status_known check (
    order_status in ('created', 'in progress', 'delivery', 'done')
  ),
  load_dttm timestamp not null,
  constraint f_order_completed_after_created check (order_completion_date >= order_created_date),
  constraint f_order_natural_key unique (product_id, craftsman_id, customer_id, order_created_date)
);
create index if not exists f_order_load_dttm on dwh.f_order (load_dttm);
create index if not exists f_order_by_customer on dwh.f_order (customer_id, order_created_date);
create index if not exists f_order_by_craftsman on dwh.f_order (craftsman_id, order_created_date);
