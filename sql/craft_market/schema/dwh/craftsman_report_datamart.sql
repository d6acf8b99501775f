-- target: dwh.craftsman_report_datamart
-- grain: one craftsman in one month
-- keys: id; naturally craftsman_id, report_period
-- reads: nothing
-- params: none
create table if not exists dwh.craftsman_report_datamart (
  id bigint generated always as identity primary key,
  craftsman_id bigint not null,
  craftsman_name varchar not null,
  craftsman_address varchar not null,
  craftsman_birthday date not null,
  craftsman_email varchar not null,
  craftsman_money numeric(15, 2) not null,
  platform_money numeric(15, 2) not null,
  count_order bigint not null,
  avg_price_order numeric(10, 2) not null,
  avg_age_customer numeric(3, 1),
  median_time_order_completed numeric(10, 1),
  top_product_category varchar not null,
  count_order_created bigint not null,
  count_order_in_progress bigint not null,
  count_order_delivery bigint not null,
  count_order_done bigint not null,
  count_order_not_done bigint not null,
  report_period varchar(7) not null,
  constraint craftsman_report_datamart_natural_key unique (craftsman_id, report_period)
);
