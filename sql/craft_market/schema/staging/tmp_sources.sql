-- target: staging.tmp_sources
-- grain: one order of one source, refilled by every run
-- keys: source_system, order_id as far as the source keeps it unique
-- reads: nothing
-- params: none
create unlogged table if not exists staging.tmp_sources (
  source_system text not null,
  order_id bigint,
  order_created_date date,
  order_completion_date date,
  order_status varchar,
  craftsman_id bigint,
  craftsman_name varchar,
  craftsman_address varchar,
  craftsman_birthday date,
  craftsman_email varchar,
  product_id bigint,
  product_name varchar,
  product_description varchar,
  product_type varchar,
  product_price bigint,
  customer_id bigint,
  customer_name varchar,
  customer_address varchar,
  customer_birthday date,
  customer_email varchar
);
