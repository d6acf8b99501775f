-- target: none, it finds orders that are neither a fact nor a reject
-- grain: one staged order without a fact
-- keys: none
-- reads: staging.tmp_sources_fact, dwh.f_order
-- params: none
select s.source_system, s.source_order_id
from staging.tmp_sources_fact s
left join dwh.f_order f
  on f.product_id = s.product_id
  and f.craftsman_id = s.craftsman_id
  and f.customer_id = s.customer_id
  and f.order_created_date = s.order_created_date
where f.order_id is null
limit 10;
