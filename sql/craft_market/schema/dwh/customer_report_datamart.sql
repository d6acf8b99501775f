-- target: dwh.customer_report_datamart
-- grain: one customer in one month
-- keys: id; naturally customer_id, report_period
-- reads: nothing
-- params: none
create table if not exists dwh.customer_report_datamart (
  id bigint generated always as identity primary key,
  customer_id bigint not null,
  customer_name varchar not null,
  customer_address varchar,
  customer_birthday date,
  customer_email varchar not null,
  customer_money numeric(15, 2) not null,
  platform_money numeric(15, 2) not null,
  count_order bigint not null,
  avg_price_order numeric(10, 2) not null,
  median_time_order_completed numeric(10, 1),
  top_product_category varchar not null,
  top_craftsman_id bigint not null,
  count_order_created bigint not null,
  count_order_in_progress bigint not null,
  count_order_delivery bigint not null,
  count_order_done bigint not null,
  count_order_not_done bigint not null,
  report_period varchar(7) not null,
  constraint customer_report_datamart_natural_key unique (customer_id, report_period)
);
