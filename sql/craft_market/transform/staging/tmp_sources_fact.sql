-- target: staging.tmp_sources_fact
-- grain: one staged order that the star can take, with surrogate keys
-- keys: source_system, source_order_id as far as the source keeps it unique
-- reads: staging.checked_sources, dwh.d_product, dwh.d_craftsman, dwh.d_customer
-- params: none
-- The planner takes the rows without a reason for a few: it would look up the dimensions order by order.
set local enable_nestloop = off;
truncate staging.tmp_sources_fact;
insert into staging.tmp_sources_fact (
  source_system, source_order_id, product_id, craftsman_id, customer_id,
  order_created_date, order_completion_date, order_status
)
select
  s.source_system, s.order_id, p.product_id, c.craftsman_id, u.customer_id,
  s.order_created_date, s.order_completion_date, s.order_status
from staging.checked_sources s
join dwh.d_product p
  on p.product_name = s.product_name
  and p.product_description = s.product_description
  and p.product_price = s.product_price
join dwh.d_craftsman c
  on c.craftsman_name = s.craftsman_name
  and c.craftsman_email = s.craftsman_email
join dwh.d_customer u
  on u.customer_name = s.customer_name
  and u.customer_email = s.customer_email
where s.reason_code is null;
analyze staging.tmp_sources_fact;
set local enable_nestloop = on;
