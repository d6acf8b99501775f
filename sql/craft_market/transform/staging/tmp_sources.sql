-- target: staging.tmp_sources
-- grain: one order of one source
-- keys: source_system, order_id as far as the source keeps it unique
-- reads: the selects of transform/staging/sources, one for each registered source, joined by union all
-- params: none
truncate staging.tmp_sources;
with source_rows (
  source_system,
  order_id, order_created_date, order_completion_date, order_status,
  craftsman_id, craftsman_name, craftsman_address, craftsman_birthday, craftsman_email,
  product_id, product_name, product_description, product_type, product_price,
  customer_id, customer_name, customer_address, customer_birthday, customer_email
) as (
  {{selects of the sources, joined by union all}}
)
insert into staging.tmp_sources (
  source_system,
  order_id, order_created_date, order_completion_date, order_status,
  craftsman_id, craftsman_name, craftsman_address, craftsman_birthday, craftsman_email,
  product_id, product_name, product_description, product_type, product_price,
  customer_id, customer_name, customer_address, customer_birthday, customer_email
)
select
  source_system,
  order_id, order_created_date, order_completion_date,
  -- Some sources write it with a hyphen.
  case order_status when 'in-progress' then 'in progress' else order_status end,
  craftsman_id, craftsman_name, craftsman_address, craftsman_birthday, craftsman_email,
  product_id, product_name, product_description, product_type, product_price,
  customer_id, customer_name, customer_address, customer_birthday, customer_email
from source_rows;
analyze staging.tmp_sources;
