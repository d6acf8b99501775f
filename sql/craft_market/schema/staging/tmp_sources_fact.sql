-- target: staging.tmp_sources_fact
-- grain: one staged order that the star can take, with surrogate keys; refilled by every run
-- keys: source_system, order_id as far as the source keeps it unique
-- reads: nothing
-- params: none
create unlogged table if not exists staging.tmp_sources_fact (
  source_system text not null,
  source_order_id bigint,
  product_id bigint not null,
  craftsman_id bigint not null,
  customer_id bigint not null,
  order_created_date date not null,
  order_completion_date date,
  order_status varchar not null
);
