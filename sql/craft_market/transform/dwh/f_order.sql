-- target: dwh.f_order
-- grain: one order
-- keys: order_id; merged by product_id, craftsman_id, customer_id, order_created_date
-- reads: staging.tmp_sources_fact
-- params: load_dttm, run_id
create temp table f_order_ranked on commit drop as
select
  source_system, source_order_id, product_id, craftsman_id, customer_id,
  order_created_date, order_completion_date, order_status,
  row_number() over (
    partition by product_id, craftsman_id, customer_id, order_created_date
    order by
      array_position(array['created', 'in progress', 'delivery', 'done'], order_status::text) desc,
      source_order_id desc nulls last, source_system desc, order_completion_date desc nulls last
  ) as place
from staging.tmp_sources_fact;
analyze f_order_ranked;
merge into dwh.f_order f
using (
  select
    product_id, craftsman_id, customer_id, order_created_date, order_completion_date, order_status
  from f_order_ranked
  where place = 1
) s
  on f.product_id = s.product_id
  and f.craftsman_id = s.craftsman_id
  and f.customer_id = s.customer_id
  and f.order_created_date = s.order_created_date
when matched and (f.order_completion_date, f.order_status)
  is distinct from (s.order_completion_date, s.order_status) then
  update set
    order_completion_date = s.order_completion_date,
    order_status = s.order_status,
    load_dttm = @load_dttm::timestamp
when not matched then
  insert (
    product_id, craftsman_id, customer_id, order_created_date, order_completion_date, order_status,
    load_dttm
  )
  values (
    s.product_id, s.craftsman_id, s.customer_id, s.order_created_date, s.order_completion_date,
    s.order_status, @load_dttm::timestamp
  );
analyze dwh.f_order;
-- The star has no order id of a source: of two orders with one key it can keep only one.
with refused as materialized (
  select
    r.source_system,
    concat(
      coalesce(r.source_order_id::text, '?'),
      '#' || nullif(
        row_number() over (
          partition by r.source_system, r.source_order_id order by to_jsonb(r)::text
        ), 1
      )
    ) as row_key,
    to_jsonb(r) - 'place' as payload
  from f_order_ranked r
  where r.place > 1
), resolved as (
  delete from dq.rejected_rows d
  where d.table_name = 'dwh.f_order'
    and not exists (
      select from refused r where r.source_system = d.source and r.row_key = d.row_key
    )
)
insert into dq.rejected_rows as d (
  run_id, source, table_name, row_key, reason_code, severity, payload
)
select
  @run_id::text, source_system, 'dwh.f_order', row_key, 'duplicate_merge_key', 'error', payload
from refused
on conflict on constraint rejected_rows_once do update set
  run_id = excluded.run_id,
  payload = excluded.payload,
  rejected_at = now()
where d.payload is distinct from excluded.payload;
select
  count(*) as rows_in,
  (select count(*) from dwh.f_order where load_dttm = @load_dttm::timestamp) as rows_out,
  count(*) filter (where place > 1) as rows_rejected
from f_order_ranked;
