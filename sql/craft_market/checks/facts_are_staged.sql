-- target: none, it finds facts that no source tells any more
-- grain: one fact
-- keys: none
-- reads: staging.tmp_sources_fact, dwh.f_order
-- params: none
select f.order_id
from dwh.f_order f
where not exists (
  select from staging.tmp_sources_fact s
  where s.product_id = f.product_id
    and s.craftsman_id = f.craftsman_id
    and s.customer_id = f.customer_id
    and s.order_created_date = f.order_created_date
)
limit 10;
